public import QuotaModel

/// The limit that holds for a tenant on a meter and window: the manual override if there is one,
/// else the plan's.
public struct EffectiveLimit: Sendable {
    /// The tenant's limit and what is used of it, be it without a bound; nil where neither plan nor
    /// override has one.
    public let status: LimitStatus?
    /// What bounds the same meter and window besides: the limits of its organization, of the key
    /// that was named, and of models.
    public let others: [LimitStatus]
    /// The plan whose limits hold.
    public let plan: PlanID
    /// Over what time.
    public let window: Window
    /// The instant the figures are of.
    public let asOf: Timestamp

    /// The limit; nil where nothing limits.
    public var limit: LimitStatus? { status.flatMap { $0.isUnlimited ? nil : $0 } }
    /// Where the limit, or that there is none, comes from.
    public var source: LimitStatus.Source { status?.source ?? .plan }
}
