import LedgerSQL
import LedgerSQLite
import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// A tenant with one monthly budget of tokens.
struct User: Sendable {
    static let tenant = TenantID(trusted: "acme")

    private final class Counter: Sendable {
        let last = Atomic<Int64>(0)
    }

    let store: SQLiteStore
    private let limit: CompiledLimit
    private let calendar = TenantCalendar(zone: .utc)
    private let decisions = Counter()

    init(store: SQLiteStore, quantity: Int64) {
        self.store = store
        limit = CompiledLimit(
            Limit(meter: Meter.aiTokens.id, window: .month, quantity: quantity), key: nil,
            source: .plan, revision: 1)
    }

    func command(_ amount: Int64) -> LedgerCommand {
        let number = decisions.last.add(1, ordering: .relaxed).newValue
        return .admit(
            AdmitCommand(
                tenant: Self.tenant, key: .service, model: nil,
                charges: [
                    MeteredCharge(
                        charge: Charge(meter: Meter.aiTokens.id, amount: amount),
                        recording: .event)
                ],
                demands: [Demand(limit: limit, amount: amount)], calendar: calendar,
                decisionID: "d_\(number)"))
    }

    /// Takes tokens and says whether they were given.
    func consume(_ amount: Int64) async throws -> Bool {
        try await consume([amount]) == 1
    }

    /// Asks for several amounts in one batch and says how many were given.
    func consume(_ amounts: [Int64]) async throws -> Int {
        try await store.ledger.commit(amounts.map(command))
            .count { answer in
                if case .admitted(.decided(let outcome, _)) = answer { return outcome.isAdmitted }
                return false
            }
    }

    /// Runs a body while 960 amounts are consumed by eight tasks, and waits for them.
    func beside(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<40 { _ = try await consume([1, 2, 3]) }
                }
            }
            try await body()
            try await group.waitForAll()
        }
    }

    func posted() async throws -> Int64 {
        try await store.ledger.accounts(of: Self.tenant).reduce(0) { $0 + $1.account.posted }
    }
}
