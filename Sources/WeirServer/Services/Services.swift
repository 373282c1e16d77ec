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

/// Brings the journal to the disk and into the ledger every 100 ms; what a node still has when it
/// stops goes back.
struct JournalService: Service {
    let node: QuotaNode
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(100))
                if Task.isCancelled { return }
                await fold()
            }
        }
        do throws(NodeError) { try await node.end() } catch {
            logger.warning("the next start takes over what this one leaves: \(error)")
        }
    }

    private func fold() async {
        do throws(NodeError) { try await node.fold() } catch {
            logger.warning("the ledger does not take the journal, and is asked again: \(error)")
        }
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
