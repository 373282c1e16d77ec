import QuotaModel
package import QuotaNode
import Synchronization

/// What the routes and the gateway tell of decisions, so that they can be explained later.
///
/// The newest are kept until the server stops, see ``ExplanationLog``. One lock is enough: it is
/// held for a fraction of a microsecond, and no JSON is made under it.
package final class Explanations: Sendable {
    /// The most decisions that are kept; 0 when nothing is.
    package let maximumDecisions: Int
    private let log: Mutex<ExplanationLog>

    /// Whether anything is kept.
    package var isOn: Bool { maximumDecisions > 0 }

    /// Creates the log of a server.
    ///
    /// - Parameter maximumDecisions: the most decisions; 0 keeps none.
    package init(maximumDecisions: Int) {
        self.maximumDecisions = maximumDecisions
        log = Mutex(ExplanationLog(maximumDecisions: maximumDecisions))
    }

    /// What is kept of a decision; nil for nothing.
    package func story(_ id: String) -> ExplanationLog.Story? { log.withLock { $0[id] } }

    /// Keeps a decision of `/api/v1` that refused, or that made a reservation.
    ///
    /// What was consumed is in the ledger: keeping it here would cost each of those that need
    /// nobody.
    package func add(_ outcome: DecisionOutcome) {
        guard isOn, !outcome.decision.isAllowed || outcome.reservation != nil else { return }
        log.withLock { $0.add(outcome.decision, reservation: outcome.reservation?.id) }
    }

    /// Keeps a request of the gateway with its first decision.
    package func add(_ request: ExplainedRequest) { log.withLock { $0.add(request) } }

    /// Keeps another attempt of a request, of which `id` is a decision.
    package func add(_ attempt: ExplainedRequest.Attempt, toRequestOf id: String) {
        log.withLock { $0.add(attempt, toRequestOf: id) }
    }

    /// Notes how the attempt under a decision ended.
    package func end(_ id: String, _ end: ExplainedRequest.End) {
        log.withLock { $0.end(id, end) }
    }
}
