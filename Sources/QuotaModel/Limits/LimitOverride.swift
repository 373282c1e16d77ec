/// A limit set by hand for one tenant, instead of its plan's or where its plan has none.
public struct LimitOverride: Hashable, Sendable {
    /// Which limit of which tenant, and from when on.
    public struct ID: Hashable, Sendable, Comparable {
        /// The tenant.
        public let tenant: TenantID
        /// What is counted.
        public let meter: MeterID
        /// Over what time.
        public let window: Window
        /// When a scheduled override begins; nil for the one that holds from when it was set.
        public let startsAt: Timestamp?

        /// Creates an id.
        public init(
            tenant: TenantID,
            meter: MeterID,
            window: Window,
            startsAt: Timestamp? = nil
        ) {
            self.tenant = tenant
            self.meter = meter
            self.window = window
            self.startsAt = startsAt
        }

        /// Orders by tenant, meter, the window's name and the start.
        public static func < (left: ID, right: ID) -> Bool {
            (left.tenant, left.meter, left.window.rawValue, left.startsAt ?? .distantPast)
                < (right.tenant, right.meter, right.window.rawValue, right.startsAt ?? .distantPast)
        }

        /// Whether two are of the same limit.
        public func isOfSameLimit(as other: ID) -> Bool {
            tenant == other.tenant && meter == other.meter && window == other.window
        }
    }

    /// What an override makes of a limit.
    public enum Effect: Hashable, Sendable {
        /// So many units; nil is unlimited.
        case quantity(Int64?)
        /// So many percent of what the plan gives, rounded down; a plan without a bound stays so.
        case multiplier(percent: Int64)

        /// The units that the limit gives then; nil is unlimited.
        public func applied(to planned: Int64?) -> Int64? {
            switch self {
            case .quantity(let quantity): quantity
            case .multiplier(let percent):
                planned.map {
                    min(
                        Amount.maximum,
                        Int64(clamping: Int128($0) * Int128(percent) / 100))
                }
            }
        }
    }

    /// The most overrides of one tenant.
    public static let maximumPerTenant = 1_000
    /// The most periods that one is given for at once.
    public static let maximumPeriods: Int64 = 1_000
    /// The percent that a multiplier may be: from a hundredth to a thousand times.
    public static let multipliers: ClosedRange<Int64> = 1...100_000

    /// Which limit it replaces.
    public let id: ID
    /// What it makes of it.
    public let effect: Effect
    /// When the plan's limit holds again; nil for never.
    public let expiresAt: Timestamp?
    /// When it was set.
    public let createdAt: Timestamp
    /// Why it was set.
    public let reason: String?
    /// Who set it.
    public let author: String?

    /// Creates an override.
    public init(
        id: ID,
        effect: Effect,
        expiresAt: Timestamp? = nil,
        createdAt: Timestamp,
        reason: String? = nil,
        author: String? = nil
    ) {
        self.id = id
        self.effect = effect
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.reason = reason
        self.author = author
    }

    /// Creates an override of so many units; nil is unlimited.
    public init(
        id: ID,
        quantity: Int64?,
        expiresAt: Timestamp? = nil,
        createdAt: Timestamp,
        reason: String? = nil,
        author: String? = nil
    ) {
        self.init(
            id: id, effect: .quantity(quantity), expiresAt: expiresAt, createdAt: createdAt,
            reason: reason, author: author)
    }

    /// When it begins to hold.
    public var startsAt: Timestamp { id.startsAt ?? createdAt }

    /// Whether it holds no more at an instant.
    public func isExpired(at now: Timestamp) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }

    /// Whether it holds at an instant; one without a start of its own holds from when it was set.
    public func holds(at now: Timestamp) -> Bool {
        !isExpired(at: now) && (id.startsAt.map { $0 <= now } ?? true)
    }

    /// Whether there is an instant at which both would hold.
    public func overlaps(_ other: LimitOverride) -> Bool {
        id.isOfSameLimit(as: other.id) && startsAt < (other.expiresAt ?? .distantFuture)
            && other.startsAt < (expiresAt ?? .distantFuture)
    }
}
