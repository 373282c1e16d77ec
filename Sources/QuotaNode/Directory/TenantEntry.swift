import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// A tenant, or one of its keys, with everything that is compiled for it.
///
/// A class, because it is handed on with every request, and large.
final class TenantEntry: Sendable {
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
    /// The quantities of its limits that were asked for lately, with what is on top of them.
    ///
    /// They leave with the entry when something of the tenant changes.
    let quantities = Mutex(KnownQuantities())

    init(
        tenant: Tenant,
        key: APIKey?,
        calendar: TenantCalendar,
        organizationCalendar: TenantCalendar?,
        entitlements: Entitlements,
        loadedAt: Timestamp
    ) {
        self.tenant = tenant
        self.key = key
        self.calendar = calendar
        self.organizationCalendar = organizationCalendar
        self.entitlements = entitlements
        self.loadedAt = loadedAt
    }

    /// Until when it holds: an override may expire, or the key.
    func validUntil(ttlNanoseconds: Int64) -> Timestamp {
        let ends = [
            loadedAt.adding(nanoseconds: ttlNanoseconds), entitlements.validUntil, key?.expiresAt,
        ]
        return ends.compactMap(\.self).min() ?? .distantPast
    }

    /// A look at limits of this tenant.
    func view(_ demands: [Demand]) -> ViewCommand {
        var view = ViewCommand(
            tenant: tenant.id, demands: demands, calendar: calendar,
            organizationCalendar: organizationCalendar)
        if let key { view.key = key.id }
        return view
    }

    /// Whether a limit leaves something to its next period, so that it counts from when on it
    /// holds, or may have something of a plan before: one of the key, where there is one.
    var carries: Bool {
        entitlements.isDated
            || entitlements.limits.contains { compiled in
                compiled.policy != nil && compiled.limit.scope.isOfKey == (key != nil)
            }
    }

    /// Opens the accounts of all that is bounded, so that the present periods keep their ends when
    /// the calendar changes.
    var opening: LedgerCommand {
        var view = view(entitlements.limits.map { Demand(limit: $0, amount: 0) })
        view.opensAll = true
        return .refresh(view)
    }

    /// Brings the open accounts of the tenant to its limits, and opens those of what carries over.
    var refresh: LedgerCommand {
        .refresh(view(entitlements.withOtherPlans.map { Demand(limit: $0, amount: 0) }))
    }
}
