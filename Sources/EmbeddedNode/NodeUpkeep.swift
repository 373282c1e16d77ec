package import Logging
package import QuotaNode

/// What has to be done for a node again and again, until the task is cancelled.
package struct NodeUpkeep: Sendable {
    /// How often the journal is folded.
    package static let foldInterval = Duration.milliseconds(100)
    /// How often is done what has become due.
    package static let sweepInterval = Duration.seconds(1)
    /// How long after the other nodes were not heard any more they are listened to again.
    private static let hearInterval = Duration.milliseconds(500)
    /// After how many of them it is said how decisions were made: a minute.
    private static let sweepsOfReport = 60

    private let node: QuotaNode
    private let machine: Machine
    private let logger: Logger

    /// The upkeep of a node.
    package init(_ node: QuotaNode, machine: Machine, logger: Logger) {
        self.node = node
        self.machine = machine
        self.logger = logger
    }

    /// Brings the journal to the disk and into the ledger every 100 ms.
    package func foldAgainAndAgain() async {
        await forever(every: Self.foldInterval) {
            do throws(NodeError) { try await node.fold() } catch {
                logger.warning(
                    "the ledger does not take the journal, and is asked again: \(error)")
            }
        }
    }

    /// Hears what the other nodes of a fleet do; a node alone has nobody to hear.
    package func hearAgainAndAgain() async {
        await forever(every: Self.hearInterval) {
            do throws(NodeError) { try await node.hear() } catch {
                logger.warning(
                    "the other nodes are not heard, and are listened to again: \(error)")
            }
        }
    }

    /// Does once a second what has become due: expires reservations, closes periods.
    ///
    /// Before that, who was active lately is read into the caches; once a minute it is said how
    /// decisions were made.
    package func sweepAgainAndAgain() async {
        await warm()
        var (sweeps, before) = (0, node.statistics)
        await forever(every: Self.sweepInterval) {
            sweeps += 1
            if sweeps.isMultiple(of: Self.sweepsOfReport) {
                report(since: before)
                before = node.statistics
            }
            do throws(NodeError) { note(try await node.sweep()) } catch {
                logger.warning("the sweep failed and will be tried again: \(error)")
            }
        }
    }

    /// Gives back what is leased, and leaves no journal: the last thing in a node's life.
    ///
    /// Where that can't be, nothing is lost by it, and the next start takes over what is left.
    package func end() async {
        do throws(NodeError) { try await node.end() } catch {
            logger.warning("the next start takes over what this one leaves: \(error)")
        }
    }

    private func forever(every interval: Duration, _ work: () async -> Void) async {
        while !Task.isCancelled {
            await machine.sleep(interval)
            if Task.isCancelled { return }
            await work()
        }
    }

    private func warm() async {
        do throws(NodeError) {
            let count = try await node.warmRecent()
            if count > 0 { logger.info("warmed", metadata: ["tenants": "\(count)"]) }
        } catch {
            // Who stops while it begins has no use for it.
            if Task.isCancelled { return }
            logger.warning("the caches are not warmed: \(error)")
        }
    }

    private func report(since before: NodeStatistics) {
        let now = node.statistics
        logger.info(
            "decisions",
            metadata: [
                "hit_rate_percent": "\(now.hitRatePercent(since: before))",
                "decisions": "\(now.total - before.total)",
                "refused": "\(now.refused - before.refused)",
                "cache_size": "\(now.cacheSize)",
            ])
    }

    private func note(_ done: (reservations: Int, accounts: Int)) {
        guard done.reservations + done.accounts > 0 else { return }
        logger.info(
            "swept",
            metadata: [
                "expired_reservations": "\(done.reservations)",
                "closed_accounts": "\(done.accounts)",
            ])
    }
}
