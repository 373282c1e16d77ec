import QuotaCalendar
import QuotaModel

extension TenantCalendar {
    /// What periods of a window are computed from, as it is kept with each account for people and
    /// disputes.
    func rule(of window: Window) -> String {
        let anchor = anchor.map(\.description) ?? "calendar"
        let isListed = table != nil && window.rawValue == billingInterval.rawValue
        return "\(window.rawValue); zone \(zone.name); anchor \(anchor); "
            + (isListed ? "by a table; " : "")
            + "rules \(revision); tz database \(ZoneRules.databaseVersion)"
    }
}
