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
    /// Sets how much of an allocation is held.
    case allocate(AllocateCommand)
    /// Ends the current period of a limit now, and begins one at full capacity.
    case reset(ResetCommand)
    /// Says what was used of a grant whose holder fell silent.
    case resolve(ResolveCommand)
    /// Corrects what a tenant has used.
    case adjust(AdjustCommand)
    /// Puts units on top of a limit, or takes back what is left of them.
    case topUp(TopUpCommand)
    /// Books use that another system counted.
    case importUsage(ImportUsageCommand)

    /// Creates a webhook endpoint, unless there are as many as there may be.
    case createEndpoint(WebhookEndpoint)
    /// Replaces a webhook endpoint that is still as it was read.
    case updateEndpoint(WebhookEndpoint, replacing: WebhookEndpoint)
    /// Deletes a webhook endpoint, with its deliveries.
    case deleteEndpoint(WebhookID)
    /// Keeps what became of attempts to deliver.
    case recordDeliveries([DeliveryReport])
    /// Has notifications delivered once more.
    case replay(ReplayCommand)

    /// Begins a new life of a node.
    case beginHolder(BeginHolderCommand)
    /// Ends a life of a node.
    case endHolder(EndHolderCommand)
    /// Moves units between accounts and leases.
    case draw(DrawCommand)
    /// Lists the leases of a life whose draws were answered, for a node that may have missed one.
    case listLeases(Holder)
    /// Books a part of a node's journal.
    case fold(FoldCommand)

    /// Creates a tenant.
    case createTenant(Tenant)
    /// Replaces a tenant's form; its revision must be the one that was read.
    case updateTenant(Tenant)
    /// Creates an API key or service key.
    case createKey(KeyRecord)
    /// Replaces a key's form and credential; its revision must be the one that was read.
    case updateKey(KeyRecord)
    /// Notes when keys were last used.
    case touchKeys([APIKeyID: Timestamp])
    /// Creates an organization.
    case createOrganization(Organization)
    /// Creates an organization or replaces it.
    case putOrganization(Organization)
    /// Deletes an organization.
    case deleteOrganization(OrganizationID)
    /// Sets an override.
    case putOverride(LimitOverride)
    /// The same, where there is none yet.
    case createOverride(LimitOverride)
    /// Deletes an override.
    case deleteOverride(LimitOverride.ID)
    /// Creates a plan.
    case createPlan(Plan)
    /// Creates a plan or replaces it.
    case putPlan(Plan)
    /// Deletes a plan.
    case deletePlan(PlanID)
    /// Creates a meter.
    case createMeter(Meter)
    /// Changes how usage of a meter is recorded.
    ///
    /// Wrap it in ``audited(_:_:)`` as `meter.update`: a verification reads there since when each
    /// posting has an event.
    case updateMeter(Meter)
    /// Runs a command and, when it changes something, keeps who made it and why.
    indirect case audited(LedgerCommand, AuditNote)
    /// Keeps a setting of the ledger itself, by name; nil removes it.
    case putSetting(name: String, value: String?)
    /// Puts a setting where there is none of this name.
    case createSetting(name: String, value: String)
}

/// Ends a reservation.
public struct ConcludeCommand: Sendable {
    /// The reservation.
    public let reservation: ReservationID
    /// Whose reservation it must be; nil for any.
    public let tenant: TenantID?
    /// What is said of it.
    public let event: ReservationEvent
    /// What the holder has to say to its use, a JSON object: it is kept with the events that a
    /// settlement books, in place of the hold's metadata.
    public let note: String?

    /// The longest note, in bytes.
    public static let maximumNoteBytes = 4096

    /// Creates a command.
    public init(
        reservation: ReservationID,
        tenant: TenantID?,
        event: ReservationEvent,
        note: String? = nil
    ) {
        self.reservation = reservation
        self.tenant = tenant
        self.event = event
        self.note = note
    }
}

/// Looks at limits.
public struct ViewCommand: Sendable {
    /// Who asks.
    public let tenant: TenantID
    /// The key that asks, for limits of what it holds at once.
    package var key = APIKeyID.service
    /// The limits, with what a request would want of them.
    public let demands: [Demand]
    /// The tenant's periods.
    public let calendar: TenantCalendar
    /// The periods of its organization, where that has limits.
    public let organizationCalendar: TenantCalendar?
    /// Whether a refresh opens the accounts of all that is bounded, since the calendar changes.
    package var opensAll = false

    /// Creates a command.
    public init(
        tenant: TenantID,
        demands: [Demand],
        calendar: TenantCalendar,
        organizationCalendar: TenantCalendar? = nil
    ) {
        self.organizationCalendar = organizationCalendar
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
    /// Notifications of before this instant are forgotten, with their deliveries.
    public let forgetNotificationsBefore: Timestamp
    /// Periods that closed before this instant are condensed.
    public let condenseArchivesBefore: Timestamp
    /// The most rows of each kind that one sweep touches.
    public let limit: Int
    /// Where the accounts begin whose period has ended and that are looked at; nil for the first.
    public let after: EndedAccountPlace?

    /// How many rows that is where nothing else is said: what decisions wait for is a transaction.
    public static let usualLimit = 16
    /// The most accounts that one sweep looks at: those from which something is out are passed
    /// over, and there may be many.
    package static let maximumLooks = 2_048

    /// Creates a command.
    public init(
        forgetAnswersBefore: Timestamp,
        maximumAnswers: Int,
        forgetNotificationsBefore: Timestamp = .distantPast,
        condenseArchivesBefore: Timestamp = .distantPast,
        limit: Int = SweepCommand.usualLimit,
        after: EndedAccountPlace? = nil
    ) {
        self.after = after
        self.forgetNotificationsBefore = forgetNotificationsBefore
        self.condenseArchivesBefore = condenseArchivesBefore
        self.forgetAnswersBefore = forgetAnswersBefore
        self.maximumAnswers = maximumAnswers
        self.limit = limit
    }
}

/// Where an account stands among those whose period has ended: by that end, and then by its id.
public struct EndedAccountPlace: Hashable, Sendable {
    /// When its period ended.
    public let end: Timestamp
    /// The account.
    public let account: AccountID

    /// Creates a place.
    public init(end: Timestamp, account: AccountID) {
        self.end = end
        self.account = account
    }
}
