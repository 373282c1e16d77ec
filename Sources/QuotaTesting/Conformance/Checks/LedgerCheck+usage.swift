import QuotaEngine
import QuotaLedger
import QuotaModel

// Events and hourly sums.
extension LedgerCheck {
    static let usage = [
        LedgerCheck("an event says who used what, when and why", eventsAreWhole),
        LedgerCheck("events are paged by id and meter", eventsArePaged),
        LedgerCheck("a meter by the hour is summed by key and model", hourlySums),
        LedgerCheck("a meter by the hour has single events when keyed or described", hourlyEvents),
    ]

    private static func eventsAreWhole(_ scenario: Scenario) async throws {
        var scenario = scenario
        var subject = Subject("acme", .tokens(100, per: .month), .calls(100, per: .month))
        subject.key = APIKeyID(trusted: "k1")
        subject.model = ModelName(trusted: "gpt-small")
        subject.metadata = #"{"trace":"a\"b"}"#
        let claim = IdempotencyClaim(
            key: ExactString("order-17"), fingerprint: [1], windowNanoseconds: 1
        ) { _ in StoredAnswer(status: 200, headers: [:], body: []) }
        let amounts = [Subject.tokens: Int64(7), Subject.calls: 1]
        let command = scenario.command(subject, amounts, claim: claim, decision: "d_1")
        let admittedAt = scenario.clock.now
        _ = try await scenario.ledger.admit(command)
        func event(_ meter: MeterID, _ units: Int64) -> UsageEvent {
            UsageEvent(
                tenant: subject.tenant, id: "d_1", meter: meter, units: units, overage: 0,
                key: subject.key, model: subject.model, admittedAt: admittedAt,
                postedAt: admittedAt, adjusts: nil, idempotencyKey: ExactString("order-17"),
                metadata: subject.metadata)
        }
        let expected = [event(Subject.tokens, 7), event(Subject.calls, 1)]
        try expectEqual(try await scenario.events(subject), expected, "the events")
        try await scenario.reopen()
        try expectEqual(try await scenario.events(subject), expected, "the events as kept")
        let reservation = try await scenario.reserve(subject, 9)
        scenario.clock.advance(by: .seconds(30))
        try await scenario.settle(reservation, 9)
        let settled = try await scenario.events(subject).last
        try expectEqual(settled?.admittedAt, admittedAt, "a settlement belongs to its admission")
        try expectEqual(settled?.postedAt, scenario.clock.now, "and was booked when it was")
    }

    private static func eventsArePaged(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(nil, per: .month))
        let other = Subject("zeta", .tokens(nil, per: .month))
        let gpu = MeterID(trusted: "gpu_seconds")
        let ids = ["d_2", "D_1", "d_10", "d_1", "d_", "e"]
        for (index, id) in ids.enumerated() {
            let amounts = index % 2 == 0 ? [Subject.tokens: 1, gpu: Int64(2)] : [gpu: 2]
            for subject in [subject, other] {
                _ = try await scenario.ledger.admit(
                    scenario.command(subject, amounts, decision: id))
            }
        }
        var cursor: EventCursor?
        var listed: [String] = []
        while true {
            let page = try await scenario.ledger.events(
                of: subject.tenant, after: cursor, limit: 2)
            listed += page.map { "\($0.id) \($0.meter)" }
            guard let last = page.last, page.count == 2 else { break }
            cursor = EventCursor(id: last.id, meter: last.meter)
        }
        try expectEqual(
            listed,
            [
                "D_1 gpu_seconds", "d_ ai_tokens", "d_ gpu_seconds", "d_1 gpu_seconds",
                "d_10 ai_tokens", "d_10 gpu_seconds", "d_2 ai_tokens", "d_2 gpu_seconds",
                "e gpu_seconds",
            ], "every event once, in order")
    }

    private static func caller(_ key: String, _ model: String?) -> Subject {
        var subject = Subject("acme", .calls(10_000, per: .month))
        subject.key = APIKeyID(trusted: key)
        subject.model = model.map(ModelName.init(trusted:))
        return subject
    }

    private static func hour(_ subject: Subject, _ hour: Timestamp) -> HourlyUsageKey {
        HourlyUsageKey(
            tenant: subject.tenant, key: subject.key, meter: Subject.calls, model: subject.model,
            hour: hour)
    }

    private static func hourlySums(_ scenario: Scenario) async throws {
        var scenario = scenario
        try scenario.setClock("2026-11-21T10:59:59Z")
        let first = caller("k1", nil)
        let small = caller("k1", "small")
        try await scenario.consume(first, [Subject.calls: 1])
        try await scenario.consume(first, [Subject.calls: 2])
        try await scenario.consume(caller("k2", nil), [Subject.calls: 4])
        try await scenario.consume(small, [Subject.calls: 8])
        let reservation = try await scenario.reserve(small, [Subject.calls: 20])
        scenario.clock.advance(by: .seconds(1))
        try await scenario.consume(first, [Subject.calls: 16])
        try await scenario.conclude(
            reservation, .settle([Charge(meter: Subject.calls, amount: 32)]))
        try await scenario.reopen()
        let ten = try scenario.instant("2026-11-21T10:00:00Z")
        let eleven = try scenario.instant("2026-11-21T11:00:00Z")
        let early = try await scenario.ledger.hourlyUsage(
            of: first.tenant, from: ten, until: eleven)
        try expectEqual(
            early,
            [
                hour(first, ten): UsageSum(units: 3, postings: 2),
                hour(caller("k2", nil), ten): UsageSum(units: 4, postings: 1),
                hour(small, ten): UsageSum(units: 40, postings: 2),
            ], "the sums of the hour, with what was admitted in it")
        let late = try await scenario.ledger.hourlyUsage(
            of: first.tenant, from: eleven, until: .distantFuture)
        try expectEqual(
            late, [hour(first, eleven): UsageSum(units: 16, postings: 1)],
            "the sums of the next hour")
        let events = try await scenario.events(first)
        try expectEqual(events.map(\.units), [32], "single events: only what had an overage")
    }

    private static func hourlyEvents(_ scenario: Scenario) async throws {
        let plain = Subject("acme", .calls(10_000, per: .month))
        var described = plain
        described.metadata = "{}"
        let claim = IdempotencyClaim(
            key: ExactString("k"), fingerprint: [1], windowNanoseconds: 1
        ) { _ in StoredAnswer(status: 200, headers: [:], body: []) }
        try await scenario.consume(plain, [Subject.calls: 1])
        try await scenario.consume(described, [Subject.calls: 2])
        _ = try await scenario.ledger.admit(
            scenario.command(plain, [Subject.calls: 4], claim: claim))
        let events = try await scenario.events(plain)
        try expectEqual(Set(events.map(\.units)), [2, 4], "single events")
        let sums = try await scenario.ledger.hourlyUsage(
            of: plain.tenant, from: .distantPast, until: .distantFuture)
        try expectEqual(
            Array(sums.values), [UsageSum(units: 7, postings: 3)], "the sum has them all")
    }
}
