import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

/// Settlements that tenants without limits have made on their leases.
struct FoldWorkload: Sendable {
    let holder: Holder
    private let leases: [(tenant: TenantID, id: GrantID, account: AccountKey)]
    private let meter: Meter
    private let at: Timestamp

    /// Creates the tenants and leases each of them units.
    init(_ ledger: any Ledger, _ meter: Meter, tenants: Int) async throws {
        self.meter = meter
        at = BenchClock.now()
        let begin = LedgerCommand.beginHolder(BeginHolderCommand(name: "bench"))
        guard case .begun(let begun) = try await ledger.commit([begin]).first,
            let plan = Plan.builtIn.last
        else { throw LoadFailure("the ledger begins no life of a node") }
        holder = begun.holder
        var made: [(TenantID, GrantID, AccountKey)] = []
        var commands: [LedgerCommand] = []
        for number in 0..<tenants {
            let tenant = Tenant(
                id: TenantID(trusted: "tenant-\(number)"), plan: plan.id,
                createdAt: Timestamp(seconds: 0))
            let limits = Entitlements(tenant: tenant, plan: plan, key: nil)
                .applicable(to: [meter.id], model: nil)
                .filter { $0.limit.window.kind == .budget }
            let first = made.count + 1
            let wants = limits.enumerated()
                .map { index, limit in
                    LeaseWant(
                        demand: Demand(limit: limit, amount: 1), wanted: 1 << 40,
                        lease: GrantID(
                            holder: begun.holder.name, incarnation: begun.holder.incarnation,
                            sequence: Int64(first + index)))
                }
            for want in wants {
                let key = want.demand.limit.accountKey(of: tenant.id)
                made.append((tenant.id, want.lease, key))
            }
            commands.append(.createTenant(tenant))
            commands.append(
                .draw(
                    DrawCommand(
                        holder: holder, epoch: 0, floor: 0, tenant: tenant.id,
                        calendar: TenantCalendar(zone: .utc), wants: wants)))
        }
        _ = try await ledger.commit(commands)
        leases = made
    }

    /// The settlements from a number on; each has its own id.
    func entries(from first: Int, count: Int) -> [JournalEntry] {
        (first..<first + count)
            .map { number in
                let lease = leases[number * 7_919 % leases.count]
                let digits = String(number)
                let charge = Charge(meter: meter.id, amount: Int64(1 + number % 997))
                return .used(
                    Consumption(
                        id: "d_" + String(repeating: "0", count: max(0, 26 - digits.count))
                            + digits, tenant: lease.tenant, key: .service, model: nil, at: at,
                        uses: [
                            ChargedUse(
                                charge: MeteredCharge(
                                    charge: charge, recording: meter.recording), overage: 0,
                                leases: [lease.id], accounts: [lease.account])
                        ], metadata: nil, idempotencyKey: nil, answer: nil))
            }
    }

    private static let foldSize = LedgerBenchmark.batchSize

    /// How many a ledger takes, ten thousand to a fold.
    static func settlementsPerSecond(
        _ ledger: any Ledger,
        _ meter: Meter,
        seconds: Double
    ) async throws -> Double {
        let workload = try await FoldWorkload(ledger, meter, tenants: LedgerBenchmark.tenants)
        var fold = JournalFold(holder: workload.holder)
        let start = ContinuousClock.now
        var (settled, summed, position) = (0, 0, Int64(0))
        func next() -> LedgerCommand {
            for entry in workload.entries(from: summed, count: foldSize) { fold.add(entry) }
            summed += foldSize
            defer { position += 1 }
            return .fold(
                fold.command([StreamRange(stream: 0, from: position, through: position + 1)]))
        }
        var command = next()
        while start.duration(to: .now) < .seconds(seconds) {
            // As in a running node, the next part is summed up while the ledger commits this one.
            let current = command
            async let committed = ledger.commit([current])
            command = next()
            guard case .folded(.folded) = try await committed.first else {
                throw LoadFailure("the ledger did not take a fold")
            }
            settled += foldSize
        }
        return Double(settled) / (start.duration(to: .now) / .seconds(1))
    }
}
