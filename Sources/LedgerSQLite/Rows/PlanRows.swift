import GRDB
import QuotaModel

/// Plans, meters and limits as rows.
enum PlanRows {
    /// Whose limits rows of `limits` are.
    enum Owner: String {
        case plan
        case key
        case organization
    }

    static func put(_ meter: Meter, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO meters (id, kind, recording) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET recording = excluded.recording
                """,
            arguments: [meter.id.text, meter.kind.rawValue, meter.recording.rawValue])
    }

    static func meter(_ row: Row) -> Meter {
        Meter(
            id: MeterID(trusted: row["id"]),
            kind: Meter.Kind(rawValue: row["kind"]) ?? .counter,
            recording: Meter.Recording(rawValue: row["recording"]) ?? .event)
    }

    static func replace(_ plan: Plan, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO plans (id, name, weight, revision) VALUES (?, ?, ?, ?)",
            arguments: [plan.id.text, plan.name, plan.weight, plan.revision])
        try replace(plan.limits, owner: .plan, id: plan.id.text, database)
    }

    static func delete(_ id: PlanID, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM plans WHERE id = ?", arguments: [id.text])
        try replace([], owner: .plan, id: id.text, database)
    }

    static func plan(_ row: Row, limits: [Row]) -> Plan {
        Plan(
            id: PlanID(trusted: row["id"]), name: row["name"], weight: row["weight"],
            limits: limits.map(limit), revision: row["revision"])
    }

    /// Writes the limits of a plan, key or organization in place of those it had.
    static func replace(
        _ limits: [Limit],
        owner: Owner,
        id: String,
        _ database: Database
    ) throws {
        try database.cachedStatement(
            sql: "DELETE FROM limits WHERE owner_kind = ? AND owner = ?"
        )
        .execute(arguments: [owner.rawValue, id])
        for (position, limit) in limits.enumerated() {
            let (scope, model) = scopeColumns(limit.scope)
            let (policy, cap) = policyColumns(limit.onUnavailable)
            try database.execute(
                sql: """
                    INSERT INTO limits (
                        owner_kind, owner, position, meter, scope, model, window, quantity, burst,
                        soft_percent, warns, mode, on_unavailable, on_unavailable_cap, rollover,
                        thresholds)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    owner.rawValue, id, position, limit.meter.text, scope, model,
                    limit.window.rawValue, limit.quantity, limit.burst, limit.softPercent,
                    limit.warns, limit.mode.rawValue, policy, cap, limit.rollover?.json,
                    limit.thresholds.map(Self.text),
                ])
        }
    }

    static func limit(_ row: Row) -> Limit {
        Limit(
            meter: MeterID(trusted: row["meter"]),
            scope: scope(row),
            window: Window(rawValue: row["window"]) ?? .lifetime,
            quantity: row["quantity"],
            burst: row["burst"],
            softPercent: row["soft_percent"],
            warns: row["warns"],
            mode: Limit.Mode(rawValue: row["mode"]) ?? .enforce,
            onUnavailable: policy(row),
            rollover: Rollover(json: row["rollover"]),
            thresholds: percents(row["thresholds"]))
    }

    /// Percentages as a column has them: `50,80`.
    private static func text(_ percents: [Int]) -> String {
        percents.map(String.init).joined(separator: ",")
    }

    private static func percents(_ text: String?) -> [Int]? {
        text.map { $0.split(separator: ",").compactMap { Int($0) } }
    }

    private static func scopeColumns(_ scope: LimitScope) -> (String, String?) {
        switch scope {
        case .organization: ("organization", nil)
        case .tenant: ("tenant", nil)
        case .key: ("key", nil)
        case .model(let name): ("model", name.text)
        }
    }

    private static func scope(_ row: Row) -> LimitScope {
        let scope: String = row["scope"]
        switch scope {
        case "organization": return .organization
        case "key": return .key(nil)
        case "model": return .model(ModelName(trusted: row["model"] ?? ""))
        default: return .tenant
        }
    }

    private static func policyColumns(_ policy: Limit.FailurePolicy) -> (String, Int64?) {
        switch policy {
        case .deny: ("deny", nil)
        case .allow: ("allow", nil)
        case .allowCapped(let cap): ("allow_capped", cap)
        }
    }

    private static func policy(_ row: Row) -> Limit.FailurePolicy {
        let policy: String = row["on_unavailable"]
        switch policy {
        case "allow": return .allow
        case "allow_capped": return .allowCapped(row["on_unavailable_cap"] ?? 0)
        default: return .deny
        }
    }
}
