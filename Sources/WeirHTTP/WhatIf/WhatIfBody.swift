import QuotaModel
import QuotaNode
import StrictJSON

/// The body of a what-if.
enum WhatIfBody {
    /// The longest look back, in days.
    static let maximumDays: Int64 = 36_600

    static func question(
        _ json: JSONValue,
        now: Timestamp,
        meters: [MeterID: Meter]
    ) throws(Problem) -> WhatIfQuestion {
        var body = try BodyReader(json)
        let plan = try plan(&body, meters: meters)
        let since = try body.required(try instant("since", &body, now: now), "since")
        let until = try instant("until", &body, now: now)
        let tenant = try body.identifier("tenant", TenantID.self)
        let tenantsOf = try body.identifier("tenants_of", PlanID.self)
        if tenant != nil, tenantsOf != nil {
            throw body.invalid("tenants_of", "and \"tenant\" exclude each other")
        }
        let rows = try body.integer("max_refusals", in: 0...Int64(WhatIfQuestion.maximumRows))
        try body.finish()
        return WhatIfQuestion(
            plan: plan,
            tenants: tenant.map { .one($0) } ?? tenantsOf.map { .onPlan($0) },
            since: since, until: until, maximumRows: rows.map(Int.init) ?? 1_000)
    }

    private static func plan(
        _ body: inout BodyReader,
        meters: [MeterID: Meter]
    ) throws(Problem) -> Plan {
        let value = try body.required(body.value("plan"), "plan")
        var reader = try BodyReader(value, at: body.pointer.member("plan"))
        let id = try reader.required(try reader.identifier("id", PlanID.self), "id")
        let plan = try CatalogRoutes.plan(id, &reader, meters: meters)
        try reader.finish()
        return plan
    }

    /// An instant, or a time before now: `7d`, `36h`, `90m`, `2w`.
    private static func instant(
        _ name: String,
        _ body: inout BodyReader,
        now: Timestamp
    ) throws(Problem) -> Timestamp? {
        guard let text = try body.string(name) else { return nil }
        if let instant = Timestamp(text) { return instant }
        guard let unit = text.last, let seconds = units[unit],
            let count = Int64(text.dropLast()), text.first != "+",
            (0...maximumDays * 86_400 / seconds).contains(count)
        else {
            throw body.invalid(
                name,
                "must be an instant such as 2026-12-31T23:59:59Z, or a time before now such as "
                    + "90m, 36h, 7d or 2w")
        }
        return now.adding(nanoseconds: -count * seconds * 1_000_000_000)
    }

    private static let units: [Character: Int64] = [
        "m": 60, "h": 3_600, "d": 86_400, "w": 604_800,
    ]
}
