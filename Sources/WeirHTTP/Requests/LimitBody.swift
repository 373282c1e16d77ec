import QuotaModel
import StrictJSON

/// Limits in the bodies of plans, keys and organizations.
enum LimitBody {
    /// The most limits of one plan or key.
    static let maximumLimits = 64

    /// Whose limits they are.
    enum Owner {
        case plan
        case key
        case organization
    }

    /// The member `limits` of its owner; nil when there is none.
    static func limits(
        _ body: inout BodyReader,
        meters: [MeterID: Meter],
        owner: Owner
    ) throws(Problem) -> [Limit]? {
        guard let values = try body.array("limits") else { return nil }
        guard values.count <= maximumLimits else {
            throw body.invalid("limits", "must have at most \(maximumLimits) elements")
        }
        var limits: [Limit] = []
        var places: [ExactString: Int] = [:]
        for (index, value) in values.enumerated() {
            let pointer = body.pointer.member("limits").element(index)
            let limit = try limit(value, at: pointer, meters: meters, owner: owner)
            if let first = places.updateValue(index, forKey: ExactString(limit.name)) {
                throw body.invalid(
                    "limits", element: index,
                    "is \"\(limit.name)\" a second time, after limits[\(first)]; leave one of "
                        + "them out")
            }
            limits.append(limit)
        }
        return limits
    }

    private static func limit(
        _ value: JSONValue,
        at pointer: JSONPointer,
        meters: [MeterID: Meter],
        owner: Owner
    ) throws(Problem) -> Limit {
        var body = try BodyReader(value, at: pointer)
        // What an answer shows may be sent back: the name follows from the other members.
        _ = body.value("id")
        let meterID = try body.required(try body.identifier("meter", MeterID.self), "meter")
        guard let meter = meters[meterID] else {
            throw body.invalid("meter", Meter.missing(meterID, known: meters))
        }
        let window = try body.required(try body.choice("window", Window.self), "window")
        guard (meter.kind == .allocation) == (window.kind == .allocation) else {
            throw body.invalid(
                "window",
                meter.kind == .allocation
                    ? "must be \"none\": \(meterID.text) is an allocation"
                    : "\"none\" is for allocations; \(meterID.text) is a counter")
        }
        guard body.has("limit") else {
            throw body.invalid("limit", "is required; null is unlimited")
        }
        let quantity = try body.integer("limit", in: 0...Amount.maximum)
        let burst = try body.integer("burst", in: 1...Amount.maximum)
        if burst != nil, window.kind != .rate {
            throw body.invalid("burst", "is for the windows second, minute and hour only")
        }
        let scope = try scope(&body, owner: owner)
        if window.kind == .concurrency, scope == .organization {
            throw body.invalid(
                "window",
                "must not be \"concurrent\" in a limit of an organization: what is held at once is "
                    + "counted by tenant, key or model")
        }
        if meter.kind == .allocation, scope != .tenant {
            // What is held is counted by tenant, whichever key asked for it.
            throw body.invalid(
                "meter",
                "\(meterID.text) is an allocation, which only tenants hold: limit it in a "
                    + "plan, with the scope \"tenant\"")
        }
        var limit = Limit(
            meter: meterID,
            scope: scope,
            window: window,
            quantity: quantity,
            burst: burst,
            onUnavailable: try policy(&body))
        if let percent = try body.integer("soft_percent", in: 1...100) {
            limit.softPercent = Int(percent)
        }
        if let warns = try body.bool("warn") { limit.warns = warns }
        if let mode = try body.choice("mode", Limit.Mode.self) { limit.mode = mode }
        limit.rollover = try rollover(&body, window: window)
        limit.thresholds = try thresholds(&body, window: window)
        try body.finish()
        return limit
    }

    private static func rollover(
        _ body: inout BodyReader,
        window: Window
    ) throws(Problem) -> Rollover? {
        guard let value = body.value("rollover") else { return nil }
        guard window.kind == .budget, window != .lifetime else {
            throw body.invalid("rollover", "is for the windows day, week, month and year")
        }
        var rollover = try BodyReader(value, at: body.pointer.member("rollover"))
        let cap = try cap(&rollover)
        let names = rollover.has("max_age_periods")
        let age = try rollover.integer("max_age_periods", in: 1...Int64(Rollover.maximumAge))
        let burnOrder = try rollover.choice("burn_order", Rollover.BurnOrder.self)
        let onPlanChange = try rollover.choice("on_plan_change", Rollover.PlanChangeRule.self)
        let overage = try rollover.choice("overage", Rollover.OverageRule.self)
        try rollover.finish()
        do {
            return try Rollover(
                cap: cap, maxAgePeriods: names ? age.map { Int($0) } : 1,
                burnOrder: burnOrder ?? .planFirst, onPlanChange: onPlanChange ?? .keep,
                overage: overage ?? .forgive)
        } catch {
            throw rollover.invalid(error.field, error.requirement)
        }
    }

    /// `{"units": 500}`, `{"percent": 50}` or `{"total": 1000}`; null for no cap.
    private static func cap(_ rollover: inout BodyReader) throws(Problem) -> Rollover.Cap? {
        guard rollover.has("cap") else {
            throw rollover.invalid("cap", "is required; null carries all that is unused")
        }
        guard let value = rollover.value("cap") else { return nil }
        var cap = try BodyReader(value, at: rollover.pointer.member("cap"))
        let units = try cap.integer("units", in: 0...Amount.maximum)
        let percent = try cap.integer("percent", in: 0...Int64(Rollover.maximumPercent))
        let total = try cap.integer("total", in: 0...Amount.maximum)
        try cap.finish()
        switch (units, percent, total) {
        case (let units?, nil, nil): return .units(units)
        case (nil, let percent?, nil): return .percent(Int(percent))
        case (nil, nil, let total?): return .total(total)
        default:
            throw rollover.invalid("cap", "must have one member: units, percent or total")
        }
    }

    private static func thresholds(
        _ body: inout BodyReader,
        window: Window
    ) throws(Problem) -> [Int]? {
        guard let values = try body.array("thresholds") else { return nil }
        guard window.hasAccount else {
            throw body.invalid(
                "thresholds", "are for budgets and allocations; a \(window.rawValue) has none")
        }
        guard values.count <= Limit.maximumThresholds else {
            throw body.invalid("thresholds", "must be at most \(Limit.maximumThresholds)")
        }
        var percents: [Int] = []
        for (index, value) in values.enumerated() {
            guard let percent = value.integerValue, (1...100).contains(percent) else {
                throw body.invalid(
                    "thresholds", element: index, "must be an integer from 1 to 100")
            }
            percents.append(Int(percent))
        }
        return Set(percents).sorted()
    }

    /// `tenant` (the default), `key` or `model(gpt-small)`; `"model": "gpt-small"` is short for the
    /// last.
    private static func scope(
        _ body: inout BodyReader,
        owner: Owner
    ) throws(Problem) -> LimitScope {
        let text = try body.string("scope")
        let model = try body.identifier("model", ModelName.self)
        if owner == .organization {
            guard model == nil, text == nil || text == "org" else {
                throw body.invalid("scope", "must be \"org\" in a limit of an organization")
            }
            return .organization
        }
        if owner == .key {
            guard model == nil, text == nil || text == "key" else {
                throw body.invalid("scope", "must be \"key\" in a limit of a key")
            }
            return .key(nil)
        }
        switch (text, model) {
        case (nil, nil), ("tenant", nil): return .tenant
        case ("key", nil): return .key(nil)
        case (nil, let model?), ("model", let model?): return .model(model)
        case (let text?, nil) where text.hasPrefix("model(") && text.hasSuffix(")"):
            do {
                return .model(try ModelName(String(text.dropFirst(6).dropLast())))
            } catch {
                throw body.invalid("scope", "names a model that \(error.description)")
            }
        default:
            throw body.invalid(
                "scope",
                "must be \"tenant\", \"key\" or \"model(NAME)\"; limits of an organization are set "
                    + "at /api/admin/organizations")
        }
    }

    private static func policy(
        _ body: inout BodyReader
    ) throws(Problem) -> Limit.FailurePolicy? {
        guard let text = try body.string("on_unavailable") else { return nil }
        guard let policy = Limit.FailurePolicy(text) else {
            throw body.invalid(
                "on_unavailable", "must be \"deny\", \"allow\" or \"allow_capped(UNITS)\"")
        }
        return policy
    }
}

extension Meter {
    /// What is said of a meter that does not exist, in words that follow the field's name.
    static func missing(_ id: MeterID, known meters: [MeterID: Meter]) -> String {
        let names = meters.keys.sorted().map(\.text).joined(separator: ", ")
        return "\"\(id.text)\" does not exist; "
            + (names.isEmpty ? "there is none yet" : "known are: \(names)")
    }
}
