/// Units held for one request until its true use is known.
public struct Reservation: Hashable, Sendable {
    /// What happens when the time to live passes without a word.
    public enum OnExpiry: String, Hashable, Sendable, CaseIterable {
        /// The units stay out of reach until somebody says what was used.
        case suspect
        /// The held units are booked.
        case post
        /// The held units are given back.
        case void
    }

    /// How far a reservation has come.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Units are held.
        case held
        /// True use is booked.
        case settled
        /// Everything was given back.
        case voided
        /// The time passed and nobody knows what was used.
        case suspect
    }

    /// A rate that the held units passed: use beyond them becomes its debt.
    public struct HeldRate: Hashable, Sendable {
        /// The limit's name, with the key's id where it is a key's.
        public let limit: String
        /// What is counted.
        public let meter: MeterID
        /// Tokens that flow in over a window.
        public let quantity: Int64
        /// Tokens that the bucket holds.
        public let burst: Int64
        /// The length of a window, in nanoseconds.
        public let windowNanoseconds: Int64

        /// Creates a rate.
        public init(
            limit: String,
            meter: MeterID,
            quantity: Int64,
            burst: Int64,
            windowNanoseconds: Int64
        ) {
            self.limit = limit
            self.meter = meter
            self.quantity = quantity
            self.burst = burst
            self.windowNanoseconds = windowNanoseconds
        }
    }

    /// The longest time to live: 24 hours, in milliseconds.
    public static let maximumTTLMilliseconds: Int64 = 86_400_000
    /// The usual time to live: a minute, in milliseconds.
    public static let defaultTTLMilliseconds: Int64 = 60_000

    /// The id; it names the node and incarnation that made it.
    public let id: ReservationID
    /// Whose units are held.
    public let tenant: TenantID
    /// The key they are booked under.
    public let key: APIKeyID
    /// The model the request is for.
    public let model: ModelName?
    /// How far it has come.
    public var state: State
    /// The units held, one charge a meter; they grow when the hold is extended.
    public package(set) var held: [Charge]
    /// The units booked, in the order of `held`; while held or suspect, only of meters that were
    /// resolved by hand.
    public var settled: [Charge]
    /// What happens when the time to live passes.
    public let onExpiry: OnExpiry
    /// Whether the outcome is the one of `onExpiry`, not one that the holder sent.
    public var endedByExpiry: Bool
    /// When the units were taken; their use belongs to the period of this instant.
    public let admittedAt: Timestamp
    /// When the time to live passes.
    public let expiresAt: Timestamp
    /// The caller's metadata, a JSON object as it was sent.
    public let metadata: String?
    /// The idempotency key it was made with.
    public let idempotencyKey: ExactString?
    /// The rates that the held units passed.
    public let rates: [HeldRate]

    /// Creates a reservation that holds its units.
    public init(
        id: ReservationID,
        tenant: TenantID,
        key: APIKeyID,
        model: ModelName?,
        held: [Charge],
        onExpiry: OnExpiry,
        admittedAt: Timestamp,
        expiresAt: Timestamp,
        metadata: String? = nil,
        idempotencyKey: ExactString? = nil,
        rates: [HeldRate] = [],
        state: State = .held,
        settled: [Charge] = [],
        endedByExpiry: Bool = false
    ) {
        self.id = id
        self.tenant = tenant
        self.key = key
        self.model = model
        self.held = held
        self.onExpiry = onExpiry
        self.admittedAt = admittedAt
        self.expiresAt = expiresAt
        self.metadata = metadata
        self.idempotencyKey = idempotencyKey
        self.rates = rates
        self.state = state
        self.settled = settled
        self.endedByExpiry = endedByExpiry
    }
}
