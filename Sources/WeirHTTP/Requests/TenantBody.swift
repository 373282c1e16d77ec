import QuotaModel
import StrictJSON

/// The body that creates a tenant.
enum TenantBody {
    static func tenant(_ body: inout BodyReader, now: Timestamp) throws(Problem) -> Tenant {
        let id = try body.required(try body.identifier("id", TenantID.self), "id")
        var tenant = Tenant(id: id, createdAt: now)
        if let name = try body.name("name") { tenant.name = name }
        if let plan = try body.identifier("plan", PlanID.self) { tenant.plan = plan.canonical }
        tenant.organization = try body.name("organization")
        if let zone = try body.name("time_zone") { tenant.timeZone = zone }
        if let text = try body.string("billing_anchor") {
            guard let anchor = LocalDateTime(text), (1970...2200).contains(anchor.date.year) else {
                throw body.invalid(
                    "billing_anchor",
                    "must be a local time from 1970 to 2200 such as 2026-01-31T00:00")
            }
            tenant.billingAnchor = anchor
        }
        if let interval = try body.choice("billing_interval", Tenant.BillingInterval.self) {
            tenant.billingInterval = interval
        }
        if let status = try body.choice("status", Tenant.Status.self) { tenant.status = status }
        if let currency = try body.string("currency") {
            let isCode = currency.utf8.count == 3 && currency.utf8.allSatisfy { (65...90) ~= $0 }
            guard isCode else {
                throw body.invalid("currency", "must be an ISO 4217 code such as NGN")
            }
            tenant.currency = currency
        }
        return tenant
    }
}

extension BodyReader {
    /// A text for people: 1 to 256 bytes without control characters.
    mutating func name(_ name: String) throws(Problem) -> String? {
        // The rules are those of ids.
        try identifier(name, Identifier<Never>.self)?.text
    }
}
