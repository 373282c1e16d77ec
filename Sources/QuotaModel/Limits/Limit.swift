/// One limit of a plan or of an API key.
public struct Limit: Hashable, Sendable {
    /// Whether a limit refuses, or only says what it would have refused.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Refuses.
        case enforce
        /// Is evaluated and shown, and never refuses.
        case shadow
    }

    /// What happens when neither a lease nor the ledger can say.
    public enum FailurePolicy: Hashable, Sendable {
        /// Refuse.
        case deny
        /// Allow, without a bound.
        case allow
        /// Allow this many units.
        case allowCapped(Int64)
    }

    /// What is counted.
    public var meter: MeterID
    /// Whose use is counted.
    public var scope: LimitScope
    /// Over what time.
    public var window: Window
    /// The units allowed in a window; nil is unlimited.
    public var quantity: Int64?
    /// The most units at once of a rate, when it differs from the default (see ``defaultBurst``).
    public var burst: Int64?
    /// The share of `quantity` at which the limit is called approaching; 1 to 100.
    public var softPercent: Int
    /// Whether reaching the soft limit gives a warning.
    public var warns: Bool
    /// Whether this limit refuses.
    public var mode: Mode
    /// What happens when the ledger is out of reach.
    public var onUnavailable: FailurePolicy
    /// How much of a budget goes on into its next period; nil for nothing.
    public var rollover: Rollover?
    /// The percentages of `quantity` at which somebody is told, in order, 1 to 100; nil for
    /// `softPercent` alone, and for none when the limit does not warn.
    public var thresholds: [Int]?

    /// Creates a limit; the failure policy defaults to `deny` for budgets and to one window's worth
    /// for rates.
    public init(
        meter: MeterID,
        scope: LimitScope = .tenant,
        window: Window,
        quantity: Int64?,
        burst: Int64? = nil,
        softPercent: Int = 80,
        warns: Bool = true,
        mode: Mode = .enforce,
        onUnavailable: FailurePolicy? = nil,
        rollover: Rollover? = nil,
        thresholds: [Int]? = nil
    ) {
        self.rollover = rollover
        self.thresholds = thresholds
        self.meter = meter
        self.scope = scope
        self.window = window
        self.quantity = quantity
        self.burst = burst
        self.softPercent = softPercent
        self.warns = warns
        self.mode = mode
        self.onUnavailable =
            onUnavailable ?? (window.kind == .rate ? .allowCapped(quantity ?? 0) : .deny)
    }

    /// The units a rate admits at once: a window's worth for second and minute, a tenth of it for
    /// hour, at least 1.
    public var defaultBurst: Int64? {
        guard let quantity else { return nil }
        return window == .hour ? max(min(1, quantity), quantity / 10) : quantity
    }

    /// The units a rate admits at once; a rate of nothing admits nothing.
    public var effectiveBurst: Int64? { quantity == 0 ? 0 : burst ?? defaultBurst }

    /// The most thresholds of one limit.
    public static let maximumThresholds = 16

    /// The percentages at which somebody is told.
    public var effectiveThresholds: [Int] { warns ? thresholds ?? [softPercent] : [] }

    /// The use from which `quantity` counts as approached: `softPercent` of it, rounded up.
    public func softLimit(of quantity: Int64) -> Int64 {
        Int64((Int128(quantity) * Int128(softPercent) + 99) / 100)
    }

    /// The name of the limit: `tenant:ai_tokens/month`, `model(gpt-small):ai_tokens/minute`.
    public var name: String { "\(scope):\(meter)/\(window.rawValue)" }
}
