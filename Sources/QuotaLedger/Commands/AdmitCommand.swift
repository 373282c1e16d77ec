public import QuotaCalendar
public import QuotaEngine
public import QuotaModel

/// A charge with how its usage is kept.
public struct MeteredCharge: Hashable, Sendable {
    /// The units.
    public let charge: Charge
    /// How usage of the meter is kept.
    public let recording: Meter.Recording

    /// Creates a charge.
    public init(charge: Charge, recording: Meter.Recording) {
        self.charge = charge
        self.recording = recording
    }
}

/// Units to hold instead of booking them at once.
public struct HoldRequest: Hashable, Sendable {
    /// The reservation's id.
    public let id: ReservationID
    /// How long it waits for word, in nanoseconds.
    public let ttlNanoseconds: Int64
    /// What happens then.
    public let onExpiry: Reservation.OnExpiry
    /// The id of its first grant; the next ones count on from it.
    public let firstGrant: GrantID

    /// Creates a request.
    public init(
        id: ReservationID,
        ttlNanoseconds: Int64,
        onExpiry: Reservation.OnExpiry,
        firstGrant: GrantID
    ) {
        self.id = id
        self.ttlNanoseconds = ttlNanoseconds
        self.onExpiry = onExpiry
        self.firstGrant = firstGrant
    }
}

/// A request that must have one effect however often it arrives.
public struct IdempotencyClaim: Sendable {
    /// The caller's key.
    public let key: ExactString
    /// SHA-256 of what was asked.
    public let fingerprint: [UInt8]
    /// How long the answer is kept, in nanoseconds.
    public let windowNanoseconds: Int64
    /// Turns the outcome into the answer to keep; runs inside the transaction that charges.
    public let render: @Sendable (AdmitOutcome) -> StoredAnswer

    /// Creates a claim.
    public init(
        key: ExactString,
        fingerprint: [UInt8],
        windowNanoseconds: Int64,
        render: @escaping @Sendable (AdmitOutcome) -> StoredAnswer
    ) {
        self.key = key
        self.fingerprint = fingerprint
        self.windowNanoseconds = windowNanoseconds
        self.render = render
    }
}

/// Takes units from every limit of a request, or from none.
public struct AdmitCommand: Sendable {
    /// Who asks.
    public let tenant: TenantID
    /// The key that use is booked under.
    public let key: APIKeyID
    /// The model the request is for.
    public let model: ModelName?
    /// The units, one charge a meter.
    public let charges: [MeteredCharge]
    /// What is wanted of each limit.
    public package(set) var demands: [Demand]
    /// The tenant's periods.
    public let calendar: TenantCalendar
    /// The periods of its organization, where that has limits.
    public let organizationCalendar: TenantCalendar?
    /// Whether limits refuse.
    public let isEnforced: Bool
    /// The id of the decision, under which use is booked.
    public let decisionID: String
    /// Units to hold; nil books them at once.
    public let hold: HoldRequest?
    /// Set when the request must have one effect however often it arrives.
    public let idempotency: IdempotencyClaim?
    /// The caller's metadata, a JSON object as it was sent.
    public let metadata: String?
    /// The open reservation of a node that takes the units on top of what it holds; the ledger
    /// itself is never asked that.
    package var extending: ReservationID?

    /// Creates a command.
    public init(
        tenant: TenantID,
        key: APIKeyID,
        model: ModelName?,
        charges: [MeteredCharge],
        demands: [Demand],
        calendar: TenantCalendar,
        isEnforced: Bool = true,
        decisionID: String,
        hold: HoldRequest? = nil,
        idempotency: IdempotencyClaim? = nil,
        metadata: String? = nil,
        organizationCalendar: TenantCalendar? = nil
    ) {
        self.organizationCalendar = organizationCalendar
        self.tenant = tenant
        self.key = key
        self.model = model
        self.charges = charges
        self.demands = demands
        self.calendar = calendar
        self.isEnforced = isEnforced
        self.decisionID = decisionID
        self.hold = hold
        self.idempotency = idempotency
        self.metadata = metadata
    }
}

/// What became of a request for units.
public struct AdmitOutcome: Hashable, Sendable {
    /// Whether the units were taken.
    public let isAdmitted: Bool
    /// The limits that refuse, or would in shadow mode.
    public let violations: [Violation]
    /// The balances behind each demand, after the charge.
    public let states: [LimitState]
    /// The transaction's time.
    public let now: Timestamp
    /// The reservation, when units are held.
    public let reservation: Reservation?
    /// Whether the store had to be asked or written to.
    public let madeStoreCall: Bool

    /// Creates an outcome.
    package init(
        isAdmitted: Bool,
        violations: [Violation],
        states: [LimitState],
        now: Timestamp,
        reservation: Reservation?,
        madeStoreCall: Bool
    ) {
        self.isAdmitted = isAdmitted
        self.violations = violations
        self.states = states
        self.now = now
        self.reservation = reservation
        self.madeStoreCall = madeStoreCall
    }
}

/// The answer to an ``AdmitCommand``.
public enum AdmitAnswer: Hashable, Sendable {
    /// Decided now; the answer is set when one was kept for a claim.
    case decided(AdmitOutcome, stored: StoredAnswer?)
    /// Decided before.
    case replayed(StoredAnswer)
    /// The idempotency key was used for something else.
    case idempotencyKeyReused
    /// A balance would leave its range: nothing was taken.
    case outOfRange
}
