package import QuotaLedger
package import QuotaModel

/// Plans, meters and limits as rows.
package enum PlanRows {
    /// Whose limits rows of `limits` are.
    enum Owner: String {
        case plan
        case key
        case organization
    }

    package static func put(_ meter: Meter, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO meters (id, kind, recording) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET recording = excluded.recording
            """
        ) { row in
            row.add(meter.id.text)
            row.add(meter.kind.rawValue)
            row.add(meter.recording.rawValue)
        }
    }

    static func meter(_ row: SQLRow) -> Meter {
        Meter(
            id: MeterID(trusted: row["id"]),
            kind: Meter.Kind(rawValue: row["kind"]) ?? .counter,
            recording: Meter.Recording(rawValue: row["recording"]) ?? .event)
    }

    package static func replace(_ plan: Plan, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO plans (id, name, weight, revision) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                name = excluded.name, weight = excluded.weight, revision = excluded.revision
            """
        ) { row in
            row.add(plan.id.text)
            row.add(plan.name)
            row.add(Int64(plan.weight))
            row.add(plan.revision)
        }
        try replace(plan.limits, owner: .plan, id: plan.id.text, sql)
    }

    static func delete(_ id: PlanID, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run("DELETE FROM plans WHERE id = ?") { $0.add(id.text) }
        try replace([], owner: .plan, id: id.text, sql)
    }

    static func plan(_ row: SQLRow, limits: [SQLRow]) -> Plan {
        Plan(
            id: PlanID(trusted: row["id"]), name: row["name"], weight: row["weight"],
            limits: limits.map(limit), revision: row["revision"])
    }

    /// Writes the limits of a plan, key or organization in place of those it had.
    static func replace(
        _ limits: [Limit],
        owner: Owner,
        id: String,
        _ sql: any SQLSession
    ) throws(LedgerError) {
        try sql.run(
            "DELETE FROM limits WHERE owner_kind = ? AND owner = ?"
        ) { row in
            row.add(owner.rawValue)
            row.add(id)
        }
        for (position, limit) in limits.enumerated() {
            let (scope, model) = scopeColumns(limit.scope)
            let (policy, cap) = policyColumns(limit.onUnavailable)
            try sql.run(
                """
                INSERT INTO limits (
                    owner_kind, owner, position, meter, scope, model, window, quantity, burst,
                    soft_percent, warns, mode, on_unavailable, on_unavailable_cap, rollover,
                    thresholds)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            ) { row in
                row.add(owner.rawValue)
                row.add(id)
                row.add(Int64(position))
                row.add(limit.meter.text)
                row.add(scope)
                row.add(model)
                row.add(limit.window.rawValue)
                row.add(limit.quantity)
                row.add(limit.burst)
                row.add(Int64(limit.softPercent))
                row.add(limit.warns)
                row.add(limit.mode.rawValue)
                row.add(policy)
                row.add(cap)
                row.add(limit.rollover?.json)
                row.add(limit.thresholds.map(Self.text))
            }
        }
    }

    static func limit(_ row: SQLRow) -> Limit {
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

    private static func scope(_ row: SQLRow) -> LimitScope {
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

    private static func policy(_ row: SQLRow) -> Limit.FailurePolicy {
        let policy: String = row["on_unavailable"]
        switch policy {
        case "allow": return .allow
        case "allow_capped": return .allowCapped(row["on_unavailable_cap"] ?? 0)
        default: return .deny
        }
    }
}
