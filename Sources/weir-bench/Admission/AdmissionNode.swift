import Dispatch
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaNode
import UsageJournal
import WeirClient

/// A node in this process as the server has one: over the embedded ledger, with its journal on the
/// disk.
struct AdmissionNode: Sendable {
    let node: QuotaNode
    private let closeLedger: @Sendable () async throws -> Void

    /// A node over the embedded ledger.
    init(_ folder: TemporaryFolder) async throws {
        let ledger = try LedgerSQLite(
            folder: DataFolder(path: folder.path + "/data"), clock: BenchClock.now,
            steadyClock: BenchClock.now)
        try await self.init(folder, ledger, cacheSize: 2_000_000) { try await ledger.close() }
    }

    /// A node over any ledger.
    init(
        _ folder: TemporaryFolder,
        _ ledger: any Ledger,
        cacheSize: Int,
        close: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        closeLedger = close
        let thread = DispatchQueue(label: "journal", attributes: .concurrent)
        var journal = JournalOptions(
            folder: folder.path + "/journal", boot: try BootID.current(),
            background: { work in thread.async(execute: work) },
            onBroken: { error in fatalError("the journal failed: \(error)") })
        journal.streamCount = 8
        var settings = NodeSettings()
        settings.cacheSize = cacheSize
        settings.cacheTTLNanoseconds = 3_600_000_000_000
        node = try await QuotaNode(
            ledger: ledger, settings: settings,
            peppers: [Pepper(version: 1, secret: [UInt8](repeating: 7, count: 32))],
            journal: journal, clock: BenchClock.now, steadyClock: BenchClock.now,
            random: { UInt64.random(in: .min ... .max) })
    }

    /// Makes tenants and decides a request of each, many beside each other.
    func decide(_ requests: [AdmissionRequest]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let workers = min(512, requests.count)
            for worker in 0..<workers {
                group.addTask {
                    for index in stride(from: worker, to: requests.count, by: workers) {
                        _ = try await node.decide(requests[index].decision)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What the server does beside decisions, and then all lanes again.
    func tend(_ requests: [AdmissionRequest]) async throws {
        try await node.fold()
        _ = try await node.sweep()
        var lost: [AdmissionRequest] = []
        let now = BenchClock.now()
        for request in requests where node.admit(request.lane, now: now, steady: now) == nil {
            lost.append(request)
        }
        try await decide(lost)
    }

    func close() async throws {
        try await node.end()
        try await closeLedger()
    }
}

/// A request in both forms.
struct AdmissionRequest: Sendable {
    let decision: DecisionRequest
    let lane: LaneRequest

    init(_ decision: DecisionRequest) {
        self.decision = decision
        lane = LaneRequest(
            tenant: decision.tenant, key: decision.key, model: decision.model,
            first: decision.charges[0])
    }
}
