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
    let now: Timestamp
    let states: [LimitState]
    /// The limits that refuse.
    let violations: [Violation]
    /// Up to where the journal has to be on the disk; nil where nobody waits for it.
    let mark: JournalMark?

    /// Whether the request may go on.
    public var isAllowed: Bool { isAdmitted }

    /// The id of this decision.
    public var id: String { packedID.text(after: JournalCodec.decisionPrefix()) }

    /// The instant the figures are of.
    public var asOf: Timestamp { now }

    /// How many limits there are.
    public var count: Int { states.count }

    /// The figures of a limit, by its place in the decision.
    public func figures(_ index: Int) -> LimitFigures {
        shape.limits[index].figures(states[index], now: now)
    }

    /// Whether a limit has something to warn of.
    public func warns(_ index: Int, _ figures: LimitFigures) -> Bool {
        let limit = shape.limits[index].limit
        guard limit.warns, let quantity = figures.limit else { return false }
        return limit.softLimit(of: quantity) <= figures.used && figures.used < quantity
    }

    /// What a front door keeps for all decisions of this form; made when there is none that fits.
    public func kept<Kept: AnyObject & Sendable>(
        where fits: (Kept) -> Bool,
        make: () -> Kept
    ) -> Kept {
        if let kept = shape.kept.withLock({ $0 }) as? Kept, fits(kept) { return kept }
        let made = make()
        shape.kept.withLock { $0 = made }
        return made
    }
}
