import QuotaCalendar
import QuotaModel

extension TenantCalendar {
    /// What periods of a window are computed from, as it is kept with each account for people and
    /// disputes.
    func rule(of window: Window) -> String {
        let anchor = rules.anchor.map(\.description) ?? "calendar"
        return "\(window.rawValue); zone \(rules.zone.name); anchor \(anchor); "
            + "rules \(rules.revision); tz database \(ZoneRules.databaseVersion)"
    }
}
