import QuotaCalendar
import QuotaEngine
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
    let entitlements: Entitlements
    let loadedAt: Timestamp
}
