package import QuotaModel
import StrictJSON

/// What of a limit changes from one decision to the next.
package struct LimitNumbers: Hashable, Sendable {
    /// Settled, held and suspect units together.
    package var used: Int64
    /// Units held by open reservations.
    package var held: Int64
    /// Units whose holder fell silent.
    package var suspect: Int64
    /// What is left of the limit when the use is taken off; nil is unlimited.
    package var remaining: Int64?
    /// Units that can be taken at once; nil is unlimited.
    package var available: Int64?
    /// When the period ends, or a rate's bucket is full again; nil for what never resets.
    package var resetAt: Timestamp?

    /// Creates numbers.
    package init(
        used: Int64,
        held: Int64 = 0,
        suspect: Int64 = 0,
        remaining: Int64?,
        available: Int64?,
        resetAt: Timestamp?
    ) {
        self.used = used
        self.held = held
        self.suspect = suspect
        self.remaining = remaining
        self.available = available
        self.resetAt = resetAt
    }

    /// The numbers of a limit as a decision saw it.
    package init(_ status: LimitStatus) {
        self.init(
            used: status.used, held: status.held, suspect: status.suspect,
            remaining: status.remaining, available: status.available, resetAt: status.resetAt)
    }

    func writeUse(to writer: inout JSONWriter) {
        writer.member("used", used)
        writer.member("held", held)
        writer.member("suspect", suspect)
        writer.member("remaining", remaining)
    }

    func writeReset(to writer: inout JSONWriter) {
        writer.member("reset_at", resetAt)
    }
}
