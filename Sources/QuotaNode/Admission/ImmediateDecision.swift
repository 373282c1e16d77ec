import QuotaEngine
public import QuotaModel
import Synchronization

/// A decision that needed nobody else, as figures: what is the same for all of its form is kept
/// with the form.
public struct ImmediateDecision: Sendable {
    let shape: LaneShape
    let amounts: LaneAmounts
    let isAdmitted: Bool
    let packedID: PackedID
    /// The instant the figures are of.
    package let now: Timestamp
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

    /// The instant the figures are of.
    public var asOf: Timestamp { now }

    /// How many limits there are.
    public var count: Int { shape.limits.count }

    /// The figures of a limit, by its place in the decision.
    public func figures(_ index: Int) -> LimitFigures {
        precondition(index < count, "a limit that the decision does not have")
        return limitFigures[index]
    }

    /// Whether a limit has something to warn of.
    public func warns(_ index: Int) -> Bool {
        let (limit, figures) = (shape.limits[index].limit, limitFigures[index])
        guard limit.warns, let quantity = figures.limit else { return false }
        return limit.softLimit(of: quantity) <= figures.used && figures.used < quantity
    }

    /// What a front door keeps for all decisions of this form.
    package var kept: (any AnyObject & Sendable)? { shape.kept.withLock { $0 } }

    /// Keeps something for all decisions of this form, instead of what was kept.
    package func keep(_ object: some AnyObject & Sendable) {
        shape.kept.withLock { $0 = object }
    }
}
