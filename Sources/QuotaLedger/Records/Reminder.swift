package import QuotaModel

/// Something that a notification has to be written about when its time comes.
package struct Reminder: Hashable, Sendable {
    /// What ends.
    package enum Subject: Hashable, Sendable {
        /// An override.
        case override(LimitOverride.ID)
        /// A trial of a tenant.
        case trial(TenantID)

        /// Whose it is.
        package var tenant: TenantID {
            switch self {
            case .override(let id): id.tenant
            case .trial(let tenant): tenant
            }
        }
    }

    /// How long before an override ends: a day, in nanoseconds.
    static let overrideLead: Int64 = 86_400_000_000_000
    /// How long before a trial ends: three days, in nanoseconds.
    static let trialLead: Int64 = 3 * 86_400_000_000_000

    /// When it is due.
    package let at: Timestamp
    /// What ends.
    package let subject: Subject
    /// When that is; what ends at another time now is another matter.
    package let endsAt: Timestamp

    /// A reminder as a store kept it.
    package init(at: Timestamp, subject: Subject, endsAt: Timestamp) {
        self.at = at
        self.subject = subject
        self.endsAt = endsAt
    }
}
