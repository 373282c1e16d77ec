/// One limit as a decision saw it.
public struct LimitStatus: Hashable, Sendable {
    /// Where the quantity of a limit comes from.
    public enum Source: String, Hashable, Sendable {
        /// The tenant's plan.
        case plan
        /// A manual override.
        case override
        /// Carried or bought units on top of the plan.
        case grant
        /// The API key.
        case key
        /// The current load.
        case adaptive
    }

    /// The name: `tenant:ai_tokens/month`.
    public let id: String
    /// What is counted.
    public let meter: MeterID
    /// Whose use is counted.
    public let scope: LimitScope
    /// Over what time.
    public let window: Window
    /// The units allowed; nil is unlimited.
    public let limit: Int64?
    /// Settled, held and suspect units together.
    public let used: Int64
    /// Units held by open reservations.
    public let held: Int64
    /// Units whose holder fell silent.
    public let suspect: Int64
    /// What is left of the limit when the use is taken off; nil is unlimited.
    public let remaining: Int64?
    /// Units that can be taken at once; of a rate with a burst below its limit, fewer than remain.
    public let available: Int64?
    /// When the period ends, or a rate's bucket is full again; nil for what never resets.
    public let resetAt: Timestamp?
    /// The use from which the limit counts as approaching.
    public let softLimit: Int64?
    /// Whether reaching the soft limit gives a warning.
    public let warns: Bool
    /// Where the quantity comes from.
    public let source: Source
    /// Whether the limit refuses.
    public let mode: Limit.Mode
    /// What an override replaces; nil where there is none.
    public let override: OverrideNote?

    /// Creates a status.
    public init(
        id: String,
        meter: MeterID,
        scope: LimitScope,
        window: Window,
        limit: Int64?,
        used: Int64,
        held: Int64,
        suspect: Int64,
        remaining: Int64?,
        available: Int64?,
        resetAt: Timestamp?,
        softLimit: Int64?,
        warns: Bool,
        source: Source,
        mode: Limit.Mode,
        override: OverrideNote? = nil
    ) {
        self.override = override
        self.id = id
        self.meter = meter
        self.scope = scope
        self.window = window
        self.limit = limit
        self.used = used
        self.held = held
        self.suspect = suspect
        self.remaining = remaining
        self.available = available
        self.resetAt = resetAt
        self.softLimit = softLimit
        self.warns = warns
        self.source = source
        self.mode = mode
    }

    /// Whether there is no bound.
    public var isUnlimited: Bool { limit == nil }
    /// Whether all of the limit is used.
    public var isExceeded: Bool { bounds.areExceeded(by: used) }
    /// Whether the soft limit is reached and the limit is not.
    public var isApproaching: Bool { bounds.areApproached(by: used) }
    /// What the use is compared with.
    package var bounds: LimitBounds { LimitBounds(limit: limit, softLimit: softLimit) }
}

/// What the use of a limit is compared with.
package struct LimitBounds: Hashable, Sendable {
    /// The units allowed; nil is unlimited.
    package let limit: Int64?
    /// The use from which the limit counts as approaching.
    package let softLimit: Int64?

    /// Whether all of the limit is used.
    package func areExceeded(by used: Int64) -> Bool {
        limit.map { used >= $0 } ?? false
    }

    /// Whether the soft limit is reached and the limit is not.
    package func areApproached(by used: Int64) -> Bool {
        guard let softLimit, let limit else { return false }
        return softLimit <= used && used < limit
    }
}
