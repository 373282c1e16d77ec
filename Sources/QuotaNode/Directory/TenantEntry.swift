import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

/// A tenant, or one of its keys, with everything that is compiled for it.
struct TenantEntry: Sendable {
    /// Which entry it is.
    struct ID: Hashable, Sendable {
        let tenant: TenantID
        let key: APIKeyID?
    }

    let tenant: Tenant
    let key: APIKey?
    let calendar: TenantCalendar
    /// The periods of its organization's limits.
    let organizationCalendar: TenantCalendar?
    let entitlements: Entitlements
    let loadedAt: Timestamp

    /// A look at limits of this tenant.
    func view(_ demands: [Demand]) -> ViewCommand {
        ViewCommand(
            tenant: tenant.id, demands: demands, calendar: calendar,
            organizationCalendar: organizationCalendar)
    }

    /// Brings the open accounts of the tenant to its limits.
    var refresh: LedgerCommand {
        .refresh(view(entitlements.limits.map { Demand(limit: $0, amount: 0) }))
    }
}
