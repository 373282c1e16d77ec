import QuotaModel
import StrictJSON

/// The bodies that create and change a tenant.
enum TenantBody {
    /// Reads the members of a tenant that are there; null stands for the default.
    ///
    /// What an answer shows besides may be sent back, and changes nothing.
    ///
    /// - Returns: what is asked of the plan.
    static func apply(
        _ body: inout BodyReader,
        to tenant: inout Tenant
    ) throws(Problem) -> PlanRequest {
        _ = body.value("created_at")
        _ = body.value("warnings")
        if body.has("name") { tenant.name = try body.name("name") ?? tenant.id.text }
        let plan = try plan(&body)
        if body.has("organization") { tenant.organization = try body.name("organization") }
        if body.has("status") {
            tenant.status = try body.choice("status", Tenant.Status.self) ?? .active
        }
        if body.has("currency") { tenant.currency = try currency(&body) ?? "USD" }
        var billing = BillingBody(
            timeZone: tenant.timeZone, anchor: tenant.billingAnchor,
            interval: tenant.billingInterval, boundaries: tenant.billingBoundaries)
        try billing.apply(&body)
        tenant.timeZone = billing.timeZone
        tenant.billingAnchor = billing.anchor
        tenant.billingInterval = billing.interval
        tenant.billingBoundaries = billing.boundaries
        // An unknown member is told all the names.
        for name in ["name", "plan", "organization", "status", "currency"] {
            _ = body.value(name)
        }
        return plan
    }

    private static func plan(_ body: inout BodyReader) throws(Problem) -> PlanRequest {
        var request = PlanRequest()
        if body.has("plan") {
            request.plan = try body.identifier("plan", PlanID.self)?.canonical ?? .fallback
        }
        request.when = try body.choice("plan_at", PlanRequest.When.self)
        if request.when != nil, request.plan == nil {
            throw body.invalid("plan_at", "says when \"plan\" acts, which is missing")
        }
        request.scheduled = try dated("scheduled_plan", "at", &body)
        request.trial = try dated("trial", "ends_at", &body)
        return request
    }

    /// `{"plan": "starter", "at": "2027-01-01T00:00:00Z"}`; null for none.
    private static func dated(
        _ name: String,
        _ instant: String,
        _ body: inout BodyReader
    ) throws(Problem) -> PlanRequest.Dated?? {
        guard body.has(name) else { return .none }
        guard let value = body.value(name) else { return .some(nil) }
        var dated = try BodyReader(value, at: body.pointer.member(name))
        let plan = try dated.required(try dated.identifier("plan", PlanID.self), "plan")
        let at = try dated.required(try dated.timestamp(instant), instant)
        try dated.finish()
        return .some(PlanRequest.Dated(plan: plan, at: at))
    }

    private static func currency(_ body: inout BodyReader) throws(Problem) -> String? {
        guard let currency = try body.string("currency") else { return nil }
        let isCode = currency.utf8.count == 3 && currency.utf8.allSatisfy { (65...90) ~= $0 }
        guard isCode else {
            throw body.invalid("currency", "must be an ISO 4217 code such as NGN")
        }
        return currency
    }
}

/// The members of tenants and organizations that say when periods begin.
struct BillingBody {
    var timeZone: String
    var anchor: LocalDateTime?
    var interval: Tenant.BillingInterval
    var boundaries: [LocalDateTime]

    /// Reads the members that are there; null stands for the default.
    mutating func apply(_ body: inout BodyReader) throws(Problem) {
        if let zone = try body.name("time_zone") {
            timeZone = zone
        } else if body.has("time_zone") {
            timeZone = "UTC"
        }
        if let text = try body.string("billing_anchor") {
            guard let local = Self.localTime(text) else {
                throw body.invalid("billing_anchor", "must be \(Self.localTimes)")
            }
            anchor = local
        } else if body.has("billing_anchor") {
            anchor = nil
        }
        if let chosen = try body.choice("billing_interval", Tenant.BillingInterval.self) {
            interval = chosen
        } else if body.has("billing_interval") {
            interval = .month
        }
        if let list = try body.array("billing_boundaries") {
            guard list.count <= Tenant.maximumBoundaries else {
                throw body.invalid(
                    "billing_boundaries",
                    "must have at most \(Tenant.maximumBoundaries) elements")
            }
            boundaries = []
            for (index, item) in list.enumerated() {
                guard let local = item.stringValue.flatMap(Self.localTime) else {
                    throw body.invalid(
                        "billing_boundaries", element: index, "must be \(Self.localTimes)")
                }
                boundaries.append(local)
            }
        } else if body.has("billing_boundaries") {
            boundaries = []
        }
    }

    private static let localTimes =
        "a local time of an existing day from 1970 to 2200 such as 2026-01-31T00:00"

    private static func localTime(_ text: String) -> LocalDateTime? {
        LocalDateTime(text).flatMap { (1970...2200).contains($0.date.year) ? $0 : nil }
    }
}

extension BodyReader {
    /// A text for people: 1 to 256 bytes without control characters.
    mutating func name(_ name: String) throws(Problem) -> String? {
        // The rules are those of ids.
        try identifier(name, Identifier<Never>.self)?.text
    }

    /// The id in a body whose path has it too: it may be left out, and must not differ.
    mutating func id<Subject>(
        _ id: Identifier<Subject>
    ) throws(Problem) {
        if let named = try identifier("id", Identifier<Subject>.self), named != id {
            throw invalid("id", "must be the id in the path, \"\(id.text)\", or be left out")
        }
    }
}
