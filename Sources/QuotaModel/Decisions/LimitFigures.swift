/// The figures of a limit at an instant, without its name.
public struct LimitFigures: Hashable, Sendable {
    /// The units allowed; nil is unlimited.
    public var limit: Int64?
    /// Settled, held and suspect units together.
    public var used: Int64
    /// Units held by open reservations.
    public var held: Int64
    /// Units whose holder fell silent.
    public var suspect: Int64
    /// What is left of the limit when the use is taken off; nil is unlimited.
    public var remaining: Int64?
    /// Units that can be taken at once; nil is unlimited.
    public var available: Int64?
    /// When the period ends, or a rate's bucket is full again; nil for what never resets.
    public var resetAt: Timestamp?
    /// Whether carried or granted units are part of the limit.
    public var hasExtra: Bool

    /// What there is of a rate without a bound.
    public static let unlimited = LimitFigures(
        limit: nil, used: 0, held: 0, suspect: 0, remaining: nil, available: nil, resetAt: nil)

    /// Creates figures.
    public init(
        limit: Int64?,
        used: Int64,
        held: Int64,
        suspect: Int64,
        remaining: Int64?,
        available: Int64?,
        resetAt: Timestamp?,
        hasExtra: Bool = false
    ) {
        self.hasExtra = hasExtra
        self.limit = limit
        self.used = used
        self.held = held
        self.suspect = suspect
        self.remaining = remaining
        self.available = available
        self.resetAt = resetAt
    }
}

extension LimitFigures {
    /// The figures of a limit as a decision shows it.
    package init(_ status: LimitStatus) {
        self.init(
            limit: status.limit, used: status.used, held: status.held, suspect: status.suspect,
            remaining: status.remaining, available: status.available, resetAt: status.resetAt,
            hasExtra: status.source == .grant)
    }
}
