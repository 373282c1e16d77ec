import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import Testing

/// What a simulation has to notice when it is left out.
@Suite("The carry of a period")
struct CarryTests {
    private let tenant = TenantID(trusted: "acme")
    private let limit = CompiledLimit(
        Limit(meter: Meter.aiTokens.id, window: .day, quantity: 100), key: nil, source: .plan,
        revision: 1,
        policy: (try? Rollover(cap: nil, maxAgePeriods: nil)).map { RolloverPolicy($0, version: 1) }
    )
    private let holder = Holder(name: "n1", incarnation: 1)

    private func draw(_ sequence: Int64, _ units: Int64) -> LedgerCommand {
        let id = GrantID(holder: "n1", incarnation: 1, sequence: sequence)
        return .draw(
            DrawCommand(
                holder: holder, epoch: 0, floor: 0, tenant: tenant,
                calendar: TenantCalendar(zone: .utc),
                wants: [
                    LeaseWant(demand: Demand(limit: limit, amount: units), wanted: 0, lease: id)
                ]))
    }

    /// The capacity of the second day, when 60 units of the first are leased at its end.
    private func secondDay(_ omitted: OmittedRules) throws -> Int64? {
        var store = MemoryStore(plans: [], meters: [.aiTokens])
        let noon = Timestamp(seconds: 1_795_262_400)
        let next = noon.adding(nanoseconds: 86_400_000_000_000)
        _ = try store.commit(
            [.beginHolder(BeginHolderCommand(name: "n1"))], now: noon, steady: noon)
        _ = try store.commit([draw(1, 60)], now: noon, steady: noon, omitted: omitted)
        _ = try store.commit([draw(2, 1)], now: next, steady: noon, omitted: omitted)
        return store.currentAccount(limit.accountKey(of: tenant))?.account.capacity
    }

    @Test("does not have what is leased, unless the rule is left out")
    func waits() throws {
        #expect(try secondDay([]) == 140)
        #expect(try secondDay(.carryIsFinalAfterClose) == 200)
    }
}
