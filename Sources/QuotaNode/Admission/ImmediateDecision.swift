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
        subject.form.limits[index].figures(states[index], now: now)
    }

    /// Whether a limit has something to warn of.
    public func warns(_ index: Int, _ figures: LimitFigures) -> Bool {
        let limit = subject.form.limits[index].limit
        guard limit.warns, let quantity = figures.limit else { return false }
        return limit.softLimit(of: quantity) <= figures.used && figures.used < quantity
    }

    /// What a front door keeps for all decisions of this form; made when there is none that fits.
    public func kept<Kept: AnyObject & Sendable>(
        where fits: (Kept) -> Bool,
        make: () -> Kept
    ) -> Kept {
        let kept = subject.form.kept.withLock { $0 }
        if let kept, kept.tenant == subject.tenant, kept.key == subject.key,
            let object = kept.object as? Kept, fits(object)
        {
            return object
        }
        let made = make()
        subject.form.kept.withLock {
            $0 = LaneForm.Kept(tenant: subject.tenant, key: subject.key, object: made)
        }
        return made
    }
}
