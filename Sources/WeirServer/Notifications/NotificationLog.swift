import Logging
import QuotaLedger
import QuotaModel
import QuotaNode

/// Writes a log line for each notification.
///
/// The ledger keeps how far it has come: after a crash some lines are written once more, and none
/// is missing.
struct NotificationLog {
    /// The most that are read at once.
    private static let pageSize = 500
    /// How long the ledger is left alone after it was told: a second, in nanoseconds.
    private static let keepInterval: Int64 = 1_000_000_000

    let logger: Logger
    /// The number of the last one that was written; nil before the first look.
    private var last: Int64?
    /// The number that the ledger keeps; nil for none.
    private var kept: Int64?
    /// When the ledger was told last.
    private var toldAt: Timestamp?

    init(logger: Logger) {
        self.logger = logger
    }

    /// Writes what is new since the last line, be it of an earlier life.
    mutating func go(on node: QuotaNode) async throws(NodeError) {
        let last = try await place(on: node)
        let new = try await node.notifications(
            NotificationPage(after: last, limit: Self.pageSize))
        for notification in new { write(notification) }
        self.last = new.last?.number ?? last
        let now = node.now
        let rest = toldAt.map { now.nanoseconds(since: $0) } ?? .max
        // A clock that was set back must not keep the ledger waiting.
        if rest < 0 || rest >= Self.keepInterval { await keep(on: node, now) }
    }

    /// Lets the ledger know how far it has come: the last thing in a life.
    mutating func end(on node: QuotaNode) async { await keep(on: node, node.now) }

    /// Where it goes on: at first with what is new, since nobody waits for what was told before
    /// there was a log.
    private mutating func place(on node: QuotaNode) async throws(NodeError) -> Int64 {
        if let last { return last }
        let newest = try await node.lastNotification()
        kept = try await node.lastLoggedNotification()
        return min(kept ?? newest, newest)
    }

    private func write(_ notification: QuotaNotification) {
        var metadata: Logger.Metadata = ["id": "\(notification.id)"]
        metadata["tenant"] = (notification.tenant?.text).map { "\($0)" }
        metadata["organization"] = (notification.organization?.text).map { "\($0)" }
        metadata["limit"] = notification.limit.map { "\($0)" }
        metadata["used"] = (notification.use?.used).map { "\($0)" }
        metadata["percent"] = (notification.use?.percent).map { "\($0)" }
        metadata["ends_at"] = notification.endsAt.map { "\($0)" }
        logger.info("\(notification.kind.rawValue)", metadata: metadata)
    }

    private mutating func keep(on node: QuotaNode, _ now: Timestamp) async {
        guard let last, last != kept else { return }
        toldAt = now
        do throws(NodeError) {
            try await node.keepLastLogged(last)
            kept = last
        } catch {
            // Lines are written on; the next life may repeat them.
            logger.warning("how far notifications are logged can't be kept: \(error)")
        }
    }
}
