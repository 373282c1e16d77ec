import EmbeddedNode
import Logging
import ServiceLifecycle
import WeirHTTP

/// Keeps the ledger open until everything that uses it has stopped.
struct LedgerService: Service {
    let ledger: OpenLedger

    func run() async throws {
        try await gracefulShutdown()
        try await ledger.close()
    }
}

/// Brings the journal to the disk and into the ledger; what a node still has when it stops goes
/// back.
struct JournalService: Service {
    let upkeep: NodeUpkeep

    func run() async throws {
        await cancelWhenGracefulShutdown { await upkeep.foldAgainAndAgain() }
        await upkeep.end()
    }
}

/// Does once a second what has become due.
struct SweepService: Service {
    let upkeep: NodeUpkeep

    func run() async throws {
        await cancelWhenGracefulShutdown { await upkeep.sweepAgainAndAgain() }
    }
}

/// Hears what the other nodes of a fleet do.
struct NewsService: Service {
    let upkeep: NodeUpkeep

    func run() async throws {
        await cancelWhenGracefulShutdown { await upkeep.hearAgainAndAgain() }
    }
}

/// Says no at `/readyz` before connections are closed, so that a load balancer turns away first.
struct ReadinessService: Service {
    let readiness: Readiness
    let drainSeconds: Int
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        readiness.set(false)
        logger.info("stopping", metadata: ["drain_seconds": "\(drainSeconds)"])
        try? await Task.sleep(for: .seconds(drainSeconds))
    }
}
