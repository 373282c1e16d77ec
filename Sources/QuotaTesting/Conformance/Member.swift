import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

/// A tenant with the limits that it shares with others of its organization.
struct Member: Sendable {
    let subject: Subject
    let calendar: TenantCalendar

    init(_ tenant: String, _ own: [Limit], of organization: Organization) {
        var subject = Subject(tenant: TenantID(trusted: tenant), limits: own)
        subject.limits += Entitlements.limits(of: organization)
        self.subject = subject
        calendar = TenantCalendar(organization)
    }
}

// Requests that an organization's limits bound.
extension Scenario {
    /// Takes tokens, to book or to hold.
    func admit(
        _ member: Member,
        _ tokens: Int64,
        hold: Hold? = nil
    ) async throws -> AdmitOutcome {
        let own = command(member.subject, [Subject.tokens: tokens], hold: hold)
        return try await outcome(
            AdmitCommand(
                tenant: own.tenant, key: own.key, model: own.model, charges: own.charges,
                demands: own.demands, calendar: own.calendar, decisionID: own.decisionID,
                hold: own.hold, metadata: own.metadata, organizationCalendar: member.calendar))
    }

    /// Takes tokens and says whether they were given.
    @discardableResult
    func consume(_ member: Member, _ tokens: Int64) async throws -> Bool {
        try await admit(member, tokens).isAdmitted
    }

    /// Holds tokens that must be there.
    func reserve(
        _ member: Member,
        _ tokens: Int64,
        _ hold: Hold = Hold(),
        line: UInt = #line
    ) async throws -> Reservation {
        let outcome = try await admit(member, tokens, hold: hold)
        guard let reservation = outcome.reservation else {
            throw ConformanceFailure(
                promise: "units that are there can be held", seen: "\(outcome)", line: line)
        }
        return reservation
    }

    /// The balances behind each limit now.
    func states(_ member: Member) async throws -> [LimitState] {
        try await ledger.view(
            ViewCommand(
                tenant: member.subject.tenant, demands: member.subject.looks,
                calendar: member.subject.calendar, organizationCalendar: member.calendar)
        )
        .states
    }
}
