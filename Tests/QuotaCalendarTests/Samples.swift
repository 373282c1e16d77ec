import QuotaCalendar
import QuotaModel
import QuotaTesting
import Testing

/// Instants, local times and zones as the tests write them.
enum Samples {
    /// 1970 to 2100 in seconds since the epoch.
    static let centurySeconds: Range<Int64> = 0..<4_102_444_800

    /// Every zone the database lists, those with fixed offsets and a choice of aliases.
    static let zoneNames: [String] =
        ZoneRules.knownNames
        + (0...12).map { "Etc/GMT+\($0)" } + (1...14).map { "Etc/GMT-\($0)" }
        + ["UTC", "Etc/UTC", "US/Pacific", "Asia/Kolkata", "NZ-CHAT", "EST5EDT", "W-SU", "CET"]

    static func instant(_ text: String) throws -> Timestamp {
        try #require(Timestamp(text))
    }

    static func local(_ text: String) throws -> LocalDateTime {
        try #require(LocalDateTime(text))
    }

    static func cycle(
        _ zone: String,
        _ anchor: String,
        _ interval: BillingInterval
    ) throws -> BillingCycle {
        BillingCycle(zone: try ZoneRules(zone), anchor: try local(anchor), interval: interval)
    }

    /// A random anchor: every third one at the end of a month, where clamping is.
    static func anchor(using random: inout SeededRandom) throws -> LocalDateTime {
        let day = Int64.random(in: 0..<36_500, using: &random)
        var date = CivilDate(daysSinceEpoch: day)
        if day % 3 == 0 {
            let last = CivilDate.daysInMonth(year: date.year, month: date.month)
            date = try #require(CivilDate(year: date.year, month: date.month, day: last))
        }
        let minute = Bool.random(using: &random) ? 0 : Int.random(in: 0..<1440, using: &random)
        return try #require(
            LocalDateTime(date: date, hour: minute / 60, minute: minute % 60)
        )
    }
}

extension RolloverPolicy {
    /// A policy as tests write it.
    init(
        cap: Rollover.Cap?,
        maxAgePeriods: Int? = 1,
        burnOrder: Rollover.BurnOrder = .planFirst,
        onPlanChange: Rollover.PlanChangeRule = .keep,
        version: Int64
    ) throws(Rollover.Invalid) {
        self.init(
            try Rollover(
                cap: cap, maxAgePeriods: maxAgePeriods, burnOrder: burnOrder,
                onPlanChange: onPlanChange),
            version: version)
    }
}
