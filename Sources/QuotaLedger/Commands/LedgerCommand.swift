public import QuotaCalendar
public import QuotaEngine
public import QuotaModel

/// Something the ledger is asked to do, whole or not at all.
public enum LedgerCommand: Sendable {
    /// Takes units, to book or to hold.
    case admit(AdmitCommand)
    /// Settles, voids or expires a reservation.
    case conclude(ConcludeCommand)
    /// Reads the balances behind limits as they would be asked now; writes nothing.
    case view(ViewCommand)
    /// Brings open accounts to the quantities of their limits, without waiting for a request.
    case refresh(ViewCommand)
    /// Expires reservations, closes accounts and forgets answers that are due.
    case sweep(SweepCommand)
    /// Creates a tenant.
    case createTenant(Tenant)
    /// Creates an API key.
    case createKey(KeyRecord)
    /// Creates a plan or replaces it.
    case putPlan(Plan)
    /// Creates a meter.
    case createMeter(Meter)
    /// Keeps a setting of the ledger itself, by name; nil removes it.
    case putSetting(name: String, value: String?)
}

/// Ends a reservation.
public struct ConcludeCommand: Sendable {
    /// The reservation.
    public let reservation: ReservationID
    /// Whose reservation it must be; nil for any.
    public let tenant: TenantID?
    /// What is said of it.
    public let event: ReservationEvent

    /// Creates a command.
    public init(
        reservation: ReservationID,
        tenant: TenantID?,
        event: ReservationEvent
    ) {
        self.reservation = reservation
        self.tenant = tenant
        self.event = event
    }
}

/// Looks at limits.
public struct ViewCommand: Sendable {
    /// Who asks.
    public let tenant: TenantID
    /// The limits, with what a request would want of them.
    public let demands: [Demand]
    /// The tenant's periods.
    public let calendar: TenantCalendar

    /// Creates a command.
    public init(tenant: TenantID, demands: [Demand], calendar: TenantCalendar) {
        self.tenant = tenant
        self.demands = demands
        self.calendar = calendar
    }
}

/// Does what has become due.
public struct SweepCommand: Sendable {
    /// Answers given before this instant are forgotten.
    public let forgetAnswersBefore: Timestamp
    /// The most answers that are kept.
    public let maximumAnswers: Int
    /// The most rows of each kind that one sweep touches.
    public let limit: Int

    /// Creates a command.
    public init(
        forgetAnswersBefore: Timestamp,
        maximumAnswers: Int,
        limit: Int = 256
    ) {
        self.forgetAnswersBefore = forgetAnswersBefore
        self.maximumAnswers = maximumAnswers
        self.limit = limit
    }
}
