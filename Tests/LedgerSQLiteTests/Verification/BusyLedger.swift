import LedgerSQLite
import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

@testable import QuotaTesting

/// A ledger with some of everything, made by commands: three days and two months of use, held and
/// suspect units, closed periods, corrections, imports, a reset, allocations and changes.
enum BusyLedger {
    /// A ledger that is open still.
    static func open() async throws -> SQLiteStore {
        let store = try SQLiteStore()
        let scenario = Scenario(store.harness)
        var acme = Subject(
            "acme", .tokens(1_000, per: .day), .tokens(5_000, per: .month),
            .calls(100, per: .month), .seats(10))
        acme.key = APIKeyID(trusted: "k_1")
        acme.model = ModelName(trusted: "gpt")
        let beta = Subject("beta", .tokens(nil, per: .month), .calls(9, per: .day))
        try scenario.setClock("2026-11-29T08:10:00Z")
        try await changes(scenario)
        try await day(scenario, acme, beta)
        try await late(scenario, acme)
        try await corrections(scenario, acme, beta)
        try scenario.setClock("2026-12-01T09:00:00Z")
        try await scenario.sweep()
        try await day(scenario, beta, acme)
        return store
    }

    /// The same, closed.
    static func closed() async throws -> SQLiteStore {
        let store = try await open()
        try await store.ledger.close()
        return store
    }

    private static func changes(_ scenario: Scenario) async throws {
        for number in 1...12 {
            let tenant = Tenant(
                id: TenantID(trusted: "t\(number)"), createdAt: scenario.clock.now)
            let note = AuditNote(
                action: "tenant.create", subject: "t\(number)",
                tenant: number % 2 == 0 ? tenant.id : nil, reason: number > 6 ? "because" : nil,
                details: number > 3 ? "{}" : nil)
            _ = try await scenario.run(.audited(.createTenant(tenant), note))
        }
    }

    private static func day(_ scenario: Scenario, _ one: Subject, _ other: Subject) async throws {
        for amount in 1...6 as ClosedRange<Int64> {
            try await scenario.consume(one, [Subject.tokens: amount, Subject.calls: 1])
            try await scenario.consume(other, amount)
            scenario.clock.advance(by: .seconds(1_200))
        }
        let settled = try await scenario.reserve(one, 50)
        try await scenario.settle(settled, 45)
        let beyond = try await scenario.reserve(one, 5)
        try await scenario.settle(beyond, 9)
        let voided = try await scenario.reserve(one, 8)
        _ = try await scenario.conclude(voided, .void)
        for onExpiry in Reservation.OnExpiry.allCases {
            _ = try await scenario.reserve(one, 11, Hold(ttlSeconds: 30, onExpiry: onExpiry))
        }
        scenario.clock.advance(by: .seconds(31))
        try await scenario.sweep()
        _ = try await scenario.reserve(one, 13, Hold(ttlSeconds: 3_600))
        let seats = try await scenario.allocate(Self.seats, .delta(4))
        assert(seats != nil, "there are seats")
        try await scenario.allocate(Self.seats, .delta(-1))
    }

    private static let seats = Subject("acme", .seats(10))

    /// Two holds that outlive their periods, of which one is settled afterwards.
    private static func late(_ scenario: Scenario, _ subject: Subject) async throws {
        try scenario.setClock("2026-11-30T23:59:00Z")
        let first = try await scenario.reserve(subject, 20, Hold(ttlSeconds: 7_200))
        _ = try await scenario.reserve(subject, 30, Hold(ttlSeconds: 7_200))
        try scenario.setClock("2026-12-01T00:30:00Z")
        try await scenario.sweep()
        try await scenario.settle(first, 17)
    }

    private static func corrections(
        _ scenario: Scenario,
        _ acme: Subject,
        _ beta: Subject
    ) async throws {
        let today = scenario.clock.now.date
        let note = AuditNote(action: "adjustment.create", subject: "a_1", reason: "a mistake")
        try await scenario.consume(acme, 100)
        for (number, amount) in [7, -3, 12].enumerated() {
            let command = scenario.adjustment(acme, Int64(amount), id: "a_\(number)")
            _ = try await scenario.run(.audited(.adjust(command), note))
        }
        for (meter, units) in [(Meter.aiTokens, 21), (.apiCalls, 5)] as [(Meter, Int64)] {
            let use = scenario.importing(
                beta, meter, units, on: today, id: "a.import.old.\(meter.id)")
            try await scenario.importUsage(use)
        }
        scenario.clock.advance(by: .seconds(5))
        _ = try await scenario.run(
            .audited(
                .reset(scenario.resetCommand(acme, limit: 1)),
                AuditNote(action: "limit.reset", subject: "acme", tenant: acme.tenant)))
        try await scenario.consume(acme, 40)
    }
}
