import QuotaEngine
public import QuotaModel
import Synchronization

/// Whose requests, and of what form.
struct LaneSubject: Sendable {
    let form: LaneForm
    let tenant: TenantID
    let key: APIKeyID?
}

/// A decision that needed nobody else, as figures: what is the same for all of its form is kept
/// with the form.
public struct ImmediateDecision: Sendable {
    let subject: LaneSubject
    let amounts: LaneAmounts
    let isAdmitted: Bool
    let packedID: PackedID
    /// The instant the figures are of.
    public let asOf: Timestamp
    /// Of each limit; what follows the last one says nothing.
    package let limitFigures: InlineArray<4, LimitFigures>
    /// The limits that refuse.
    let violations: [Violation]
    /// Up to where the journal has to be on the disk; nil where nobody waits for it.
    let mark: JournalMark?

    /// Whether the request may go on.
    public var isAllowed: Bool { isAdmitted }

    /// The id of this decision.
    public var id: String { packedID.text(after: JournalCodec.decisionPrefix()) }

    /// What the ``id`` takes, in bytes.
    package static let idBytes = 2 + PackedID.digitCount

    /// Writes the ``id`` at a place in memory with room for ``idBytes`` bytes.
    package func writeID(to start: UnsafeMutablePointer<UInt8>) {
        start.initialize(to: UInt8(ascii: "d"))
        (start + 1).initialize(to: UInt8(ascii: "_"))
        packedID.writeDigits(to: start + 2)
    }

    /// Whose units these are.
    public var tenant: TenantID { subject.tenant }

    /// The key that asked; nil when use is not bound to one.
    public var key: APIKeyID? { subject.key }

    /// How many limits there are.
    public var count: Int { subject.form.limits.count }

    /// The figures of a limit, by its place in the decision.
    public func figures(_ index: Int) -> LimitFigures {
        precondition(index < count, "a limit that the decision does not have")
        return limitFigures[index]
    }

    /// Whether a limit has something to warn of.
    public func warns(_ index: Int) -> Bool {
        let (limit, figures) = (subject.form.limits[index].limit, limitFigures[index])
        guard limit.warns, let quantity = figures.limit else { return false }
        return limit.softLimit(of: quantity) <= figures.used && figures.used < quantity
    }

    /// What a front door keeps for all decisions of this form.
    package var kept: (any AnyObject & Sendable)? { subject.form.kept.withLock { $0 } }

    /// Keeps something for all decisions of this form, instead of what was kept.
    package func keep(_ object: some AnyObject & Sendable) {
        subject.form.kept.withLock { $0 = object }
    }
}
