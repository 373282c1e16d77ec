/// A quantity set by hand for one tenant, instead of its plan's or where its plan has no limit.
public struct LimitOverride: Hashable, Sendable {
    /// Which limit of which tenant.
    public struct ID: Hashable, Sendable, Comparable {
        /// The tenant.
        public let tenant: TenantID
        /// What is counted.
        public let meter: MeterID
        /// Over what time.
        public let window: Window

        /// Creates an id.
        public init(tenant: TenantID, meter: MeterID, window: Window) {
            self.tenant = tenant
            self.meter = meter
            self.window = window
        }

        /// Orders by tenant, meter and the window's name.
        public static func < (left: ID, right: ID) -> Bool {
            (left.tenant, left.meter, left.window.rawValue)
                < (right.tenant, right.meter, right.window.rawValue)
        }
    }

    /// The most overrides of one tenant.
    public static let maximumPerTenant = 1_000

    /// Which limit it replaces.
    public let id: ID
    /// The units allowed in a window; nil is unlimited.
    public let quantity: Int64?
    /// When the plan's quantity holds again; nil for never.
    public let expiresAt: Timestamp?
    /// When it was set.
    public let createdAt: Timestamp
    /// Why it was set.
    public let reason: String?

    /// Creates an override.
    public init(
        id: ID,
        quantity: Int64?,
        expiresAt: Timestamp? = nil,
        createdAt: Timestamp,
        reason: String? = nil
    ) {
        self.id = id
        self.quantity = quantity
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.reason = reason
    }

    /// Whether it holds no more at an instant.
    public func isExpired(at now: Timestamp) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }
}
