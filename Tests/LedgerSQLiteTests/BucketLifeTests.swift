import LedgerSQLite
import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

/// Rates run on a steady clock, which begins anew with each life of the server.
@Suite("Buckets from one life to the next")
struct BucketLifeTests {
    private static let hour: Int64 = 3_600_000_000_000

    private let folder: TemporaryFolder
    private let dataFolder: DataFolder
    private let wall = ManualClock()
    private let limit = CompiledLimit(
        Limit(meter: Meter.aiTokens.id, window: .hour, quantity: 1_000, burst: 1_000), key: nil,
        source: .plan, revision: 1)

    init() throws {
        folder = try TemporaryFolder()
        dataFolder = try DataFolder(path: folder.path)
    }

    /// Opens the ledger in a new life, whose steady clock begins at the wall clock's time.
    private func open() throws -> (ledger: LedgerSQLite, steady: ManualClock) {
        let steady = ManualClock()
        steady.advance(nanoseconds: wall.now.nanoseconds(since: steady.now))
        let ledger = try LedgerSQLite(
            folder: dataFolder, clock: wall.read, steadyClock: steady.read)
        return (ledger, steady)
    }

    private func take(
        _ amount: Int64,
        from ledger: LedgerSQLite,
        id: String
    ) async throws -> Bool {
        let answer = try await ledger.admit(
            AdmitCommand(
                tenant: TenantID(trusted: "acme"), key: .service, model: nil,
                charges: [
                    MeteredCharge(
                        charge: Charge(meter: Meter.aiTokens.id, amount: amount),
                        recording: .event)
                ],
                demands: [Demand(limit: limit, amount: amount)],
                calendar: TenantCalendar(zone: .utc), decisionID: id))
        guard case .decided(let outcome, _) = answer else { return false }
        return outcome.isAdmitted
    }

    @Test(
        "a wall clock that was set meanwhile sells nothing twice over a restart",
        arguments: [hour, 0, -hour])
    func steppedClock(by step: Int64) async throws {
        let first = try open()
        wall.advance(nanoseconds: step)
        #expect(try await take(1_000, from: first.ledger, id: "d_1"))
        #expect(try await take(1, from: first.ledger, id: "d_2") == false)
        try await first.ledger.close()

        let second = try open()
        #expect(try await take(1, from: second.ledger, id: "d_3") == false)
        wall.advance(nanoseconds: Self.hour / 1_000)
        second.steady.advance(nanoseconds: Self.hour / 1_000)
        #expect(try await take(1, from: second.ledger, id: "d_4"))
        #expect(try await take(1, from: second.ledger, id: "d_5") == false)
        try await second.ledger.close()
    }
}
