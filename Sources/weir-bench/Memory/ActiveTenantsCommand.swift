import ArgumentParser
import CAllocations
import Foundation
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import WeirClient

/// `weir-bench active-tenants`: tells what memory a node needs for tenants that are in use.
///
/// Every tenant has a month, a day and a rate, and has just been decided on all three; the settings
/// are those of a server. The ledger is one that keeps nothing.
struct ActiveTenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "active-tenants",
        abstract: "Tell what memory a node needs for tenants in use.",
        shouldDisplay: false)

    private static let batch = 1_000

    @Option(help: "How many tenants.")
    var tenants: Int

    func run() async throws {
        let folder = try TemporaryFolder(for: "weir-bench-tenants")
        defer { folder.remove() }
        let standIn = GenerousAnswers(plan: PlanID(trusted: "bench-three-of-tenant"))
        let ledger = CountingLedger(MemoryLedger(clock: BenchClock.now), standIn: standIn)
        let bench = try await AdmissionNode(
            folder, ledger, cacheSize: NodeSettings().cacheSize)
        _ = try await AdmissionPlans(bench.node)
        // Once for what the node has at all.
        try await bench.decide([request(0)])
        let before = weir_allocated_bytes()
        for start in stride(from: 0, to: tenants, by: Self.batch) {
            let requests = (start..<min(start + Self.batch, tenants)).map(request)
            try await bench.decide(requests)
            if start % (10 * Self.batch) == 0 { try await bench.node.fold() }
        }
        try await bench.node.fold()
        let bytes = weir_allocated_bytes() - before
        let resident = try ResidentMemory.bytes(of: ProcessInfo.processInfo.processIdentifier)
        // They are in use: the next request of each needs nobody else.
        let now = BenchClock.now()
        let ready = (0..<tenants)
            .count { bench.node.admit(request($0).lane, now: now, steady: now) != nil }
        guard ready * 100 >= tenants * 99 else {
            throw LoadFailure("\(tenants - ready) of \(tenants) tenants are not ready")
        }
        print(bytes, resident)
        try await bench.close()
    }

    private func id(_ number: Int) -> TenantID { TenantID(trusted: "tenant-\(number)") }

    private func request(_ number: Int) -> AdmissionRequest {
        AdmissionRequest(
            DecisionRequest(
                tenant: id(number), charges: [Charge(meter: Meter.apiCalls.id, amount: 1)]))
    }
}
