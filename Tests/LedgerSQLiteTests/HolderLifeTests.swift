import LedgerSQL
import LedgerSQLite
import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

/// Silence is measured on a steady clock, which begins anew with each life of the server.
@Suite("The silence of nodes from one life to the next")
struct HolderLifeTests {
    private let folder: TemporaryFolder
    private let dataFolder: DataFolder
    private let wall = ManualClock()
    private let tenant = TenantID(trusted: "acme")
    private let limit = CompiledLimit(
        Limit(meter: Meter.aiTokens.id, window: .month, quantity: 100), key: nil, source: .plan,
        revision: 1)

    init() throws {
        folder = try TemporaryFolder()
        dataFolder = try DataFolder(path: folder.path)
    }

    private func open(_ steady: ManualClock) throws -> LedgerSQLite {
        try LedgerSQLite(folder: dataFolder, clock: wall.read, steadyClock: steady.read)
    }

    private func draw(_ ledger: LedgerSQLite) async throws {
        guard
            case .begun(let begun) =
                try await ledger.commit([.beginHolder(BeginHolderCommand(name: "n1"))]).first
        else {
            return
        }
        let id = GrantID(holder: "n1", incarnation: begun.holder.incarnation, sequence: 1)
        let want = LeaseWant(demand: Demand(limit: limit, amount: 20), wanted: 20, lease: id)
        _ = try await ledger.commit([
            .draw(
                DrawCommand(
                    holder: begun.holder, epoch: 0, floor: 0, tenant: tenant,
                    calendar: TenantCalendar(zone: .utc), wants: [want]))
        ])
    }

    private func sweep(_ ledger: LedgerSQLite) async throws -> Account? {
        _ = try await ledger.sweep(
            SweepCommand(forgetAnswersBefore: .distantPast, maximumAnswers: 1_000))
        return try await ledger.accounts(of: tenant).first?.account
    }

    @Test(
        "neither an earlier nor a later origin makes a node silent, or keeps it from it",
        arguments: [-86_400, 0, 86_400] as [Int64])
    func origin(movedBy seconds: Int64) async throws {
        let first = ManualClock()
        let ledger = try open(first)
        try await draw(ledger)
        try await ledger.close()

        let second = ManualClock()
        second.advance(nanoseconds: seconds * 1_000_000_000)
        let reopened = try open(second)
        #expect(try await sweep(reopened)?.escrowed == 20)
        second.advance(by: .seconds(60))
        #expect(try await sweep(reopened)?.escrowed == 20)
        second.advance(by: .seconds(1))
        #expect(try await sweep(reopened)?.suspect == 20)
        try await reopened.close()
    }
}
