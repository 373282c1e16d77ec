import Logging
import LedgerSQLite
import QuotaNode
import ServiceLifecycle
import WeirHTTP

/// Keeps the ledger open until everything that uses it has stopped.
struct LedgerService: Service {
    let ledger: LedgerSQLite

    func run() async throws {
        try await gracefulShutdown()
        try await ledger.close()
    }
}

/// Does once a second what has become due.
struct SweepService: Service {
    let node: QuotaNode
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                if Task.isCancelled { return }
                await sweep()
            }
        }
    }

    private func sweep() async {
        do throws(NodeError) {
            let done = try await node.sweep()
            if done.reservations + done.accounts > 0 {
                logger.info(
                    "swept",
                    metadata: [
                        "expired_reservations": "\(done.reservations)",
                        "closed_accounts": "\(done.accounts)",
                    ])
            }
        } catch {
            logger.warning("the sweep failed and will be tried again: \(error)")
        }
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
