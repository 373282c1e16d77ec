import QuotaCalendar
import QuotaModel
import QuotaTesting
import Testing

@Suite struct ResolveTests {
    @Test(arguments: [
        // Skipped: forward by the gap of an hour, half an hour, two hours, a day.
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T02:59", "2026-03-29T01:59:00Z"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:40:00Z"),
        ("Antarctica/Troll", "2026-03-29T02:30", "2026-03-29T02:30:00Z"),
        ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59:00Z"),
        ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-30T23:59", "2011-12-31T09:59:00Z"),
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00:00Z"),
        ("Pacific/Kwajalein", "1993-08-21T00:00", "1993-08-21T12:00:00Z"),
        // Midnight itself is skipped.
        ("Africa/Cairo", "2024-04-26T00:00", "2024-04-25T22:00:00Z"),
        ("America/Havana", "2026-03-08T00:30", "2026-03-08T05:30:00Z"),
        ("Asia/Beirut", "2026-03-29T00:00", "2026-03-28T22:00:00Z"),
        // Twice: the first.
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00:00Z"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        ("America/New_York", "2026-11-01T01:00", "2026-11-01T05:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:30", "2026-04-04T14:30:00Z"),
        ("Antarctica/Troll", "2026-10-25T01:00", "2026-10-24T23:00:00Z"),
        ("America/Havana", "2026-11-01T00:00", "2026-11-01T04:00:00Z"),
        // Offsets with minutes and seconds.
        ("Asia/Kathmandu", "2026-01-01T00:00", "2025-12-31T18:15:00Z"),
        ("Africa/Monrovia", "1972-01-06T12:00", "1972-01-06T12:44:30Z"),
        // Ramadan: the clock goes back and forth within five weeks.
        ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30:00Z"),
        ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:30:00Z"),
        ("Africa/El_Aaiun", "2026-03-22T01:59", "2026-03-22T01:59:00Z"),
    ])
    func knownLocalTimes(zone: String, local: String, expected: String) throws {
        let resolved = try ZoneRules(zone).resolve(try Samples.local(local))
        #expect(resolved.description == expected)
    }

    @Test func agreesWithASearchAroundEveryKindOfTransition() throws {
        let seed: UInt64 = 20_260_401
        var random = SeededRandom(seed: seed)
        for zone in try Samples.zoneNames.map({ try ZoneRules($0) }) {
            let transitions = TransitionSearch.transitions(of: zone, strideSeconds: 2_592_000)
            guard let transition = transitions.randomElement(using: &random) else { continue }
            for _ in 0..<4 {
                // Minutes around the transition, on the wall clocks before and after it.
                let minutes = Int64.random(in: -150...150, using: &random)
                let offset = Bool.random(using: &random) ? transition.before : transition.after
                let local =
                    (transition.second + offset).flooredDivision(by: 60) * 60 + minutes * 60
                let expected = ResolveOracle.resolve(local, in: zone)
                let found = zone.resolve(localSeconds: local).seconds
                #expect(found == expected, "\(zone.name) local \(local), seed \(seed)")
            }
        }
    }

    /// What the constant-time answer rests on.
    @Test func transitionsLieDaysApart() throws {
        for name in Samples.zoneNames {
            let zone = try ZoneRules(name)
            let transitions = TransitionSearch.transitions(of: zone, strideSeconds: 86_400)
            for (earlier, later) in zip(transitions, transitions.dropFirst()) {
                #expect(later.second - earlier.second > 2 * 57_600, "\(name)")
            }
            let widest = transitions.map { max(abs($0.before), abs($0.after)) }.max() ?? 0
            #expect(widest < 57_600, "\(name)")
        }
    }

    @Test(arguments: [Int64.min, -9_300_000_001, -9_299_999_999])
    func clampsTheFarPast(local: Int64) {
        #expect(ZoneRules.utc.resolve(localSeconds: local) == .distantPast)
    }

    @Test(arguments: [Int64.max, 9_300_000_001, 9_299_999_999])
    func clampsTheFarFuture(local: Int64) {
        #expect(ZoneRules.utc.resolve(localSeconds: local) == .distantFuture)
    }
}
