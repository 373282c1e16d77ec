import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting

/// A node over a ledger in memory, on a clock that stands still.
struct TestNode: Sendable {
    /// A request without an idempotency key was answered from memory.
    struct UnexpectedReplay: Error {}

    static let pepper = Pepper(version: 1, secret: Array(repeating: 7, count: 32))
    static let tenant = TenantID(trusted: "acme")

    let clock: ManualClock
    let memory: MemoryLedger
    let files: MemoryFiles
    let ledger: CountingLedger
    let node: QuotaNode

    init(
        settings: NodeSettings = NodeSettings(),
        on memory: MemoryLedger? = nil,
        clock: ManualClock = ManualClock(),
        peppers: [Pepper] = [TestNode.pepper],
        files: MemoryFiles = MemoryFiles(),
        seed: UInt64 = 1
    ) async throws {
        let memory = memory ?? MemoryLedger(clock: clock.read)
        let ledger = CountingLedger(memory)
        let random = SharedRandom(seed: seed)
        self.clock = clock
        self.memory = memory
        self.files = files
        self.ledger = ledger
        node = try await QuotaNode(
            ledger: ledger, settings: settings, peppers: peppers,
            journal: .inMemory(files), clock: clock.read, steadyClock: clock.read,
            random: { random.next() })
    }

    /// Consumes API calls, or holds them.
    func decide(
        _ amount: Int64,
        tenant: TenantID = TestNode.tenant,
        holds: Bool = false
    ) async throws -> DecisionOutcome {
        let request = DecisionRequest(
            tenant: tenant, charges: [Charge(meter: Meter.apiCalls.id, amount: amount)],
            hold: holds ? DecisionRequest.Hold(ttlMilliseconds: 1000, onExpiry: .void) : nil)
        guard case .decided(let outcome, _) = try await node.decide(request) else {
            throw UnexpectedReplay()
        }
        return outcome
    }

    func check(
        _ amount: Int64,
        tenant: TenantID = TestNode.tenant
    ) async throws -> Decision {
        try await node.check(
            DecisionRequest(
                tenant: tenant, charges: [Charge(meter: Meter.apiCalls.id, amount: amount)]))
    }
}
