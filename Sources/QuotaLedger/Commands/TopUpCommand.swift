public import QuotaCalendar
public import QuotaEngine
public import QuotaModel

/// Puts units on top of a limit, takes back what is left of them, or looks at them.
public struct TopUpCommand: Sendable {
    /// What is done.
    public enum Change: Hashable, Sendable {
        /// Units are granted; a top-up that is there already stays as it is.
        case grant(TopUp)
        /// What is left of a top-up expires now.
        case revoke(TopUpID)
        /// Nothing: the answer is the account as it is, or as its first use would open it.
        case look
    }

    /// Whose limit.
    public let tenant: TenantID
    /// The limit: a budget.
    public let limit: CompiledLimit
    /// The periods of the limit.
    public let calendar: TenantCalendar
    /// What is done.
    public let change: Change
    /// How long the id of a grant names that one alone, also when it is used up, in nanoseconds.
    public let memoryNanoseconds: Int64

    /// Creates a command.
    public init(
        tenant: TenantID,
        limit: CompiledLimit,
        calendar: TenantCalendar,
        change: Change,
        memoryNanoseconds: Int64 = 0
    ) {
        self.memoryNanoseconds = memoryNanoseconds
        self.tenant = tenant
        self.limit = limit
        self.calendar = calendar
        self.change = change
    }
}

/// The answer to a ``TopUpCommand``.
public enum TopUpAnswer: Hashable, Sendable {
    /// The account with the top-up as it is now; whether something was changed.
    case done(AccountRecord, isNew: Bool)
    /// A limit without a bound has no use for one.
    case unlimited
    /// There are as many as one limit may have.
    case tooMany
    /// It was granted before, and nothing is left of it: the account as it is now, and when.
    case spent(AccountRecord, grantedAt: Timestamp)
    /// The id is another top-up's.
    case idReused
    /// There is none of that id.
    case notFound
    /// The capacity would leave its range.
    case outOfRange
}
