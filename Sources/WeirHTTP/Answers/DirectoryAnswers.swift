public import QuotaModel
public import StrictJSON

extension Tenant {
    func writeMembers(to writer: inout JSONWriter, at now: Timestamp) {
        writer.member("id", id.text)
        writer.member("name", name)
        writer.member("plan", plan(at: now).canonical.text)
        if let end = trialEnd(at: now) {
            writer.object("trial") { writer in
                writer.member("plan", plan(at: now).canonical.text)
                writer.member("ends_at", end)
            }
        } else {
            writer.member("trial", nil as Int64?)
        }
        if let next = nextPlanStep(after: now) {
            writer.object("scheduled_plan") { writer in
                writer.member("plan", next.plan.canonical.text)
                writer.member("at", next.since)
            }
        } else {
            writer.member("scheduled_plan", nil as Int64?)
        }
        writer.member("organization", organization)
        writer.member("time_zone", timeZone)
        writer.member("billing_anchor", billingAnchor?.description)
        writer.member("billing_interval", billingInterval.rawValue)
        writer.member(
            "billing_boundaries",
            billingBoundaries.isEmpty ? nil : billingBoundaries.map(\.description))
        writer.member("status", status.rawValue)
        writer.member("currency", currency)
        writer.member("created_at", createdAt.truncatedToMilliseconds)
    }
}

extension APIKey {
    func write(to writer: inout JSONWriter, at now: Timestamp) {
        writer.object { writeMembers(to: &$0, at: now) }
    }

    func writeMembers(to writer: inout JSONWriter, at now: Timestamp) {
        writer.member("id", id.text)
        if let tenant { writer.member("tenant", tenant.text) }
        writer.member("name", name)
        writer.member("status", status(at: now).rawValue)
        writer.member("test", isTest)
        if tenant != nil { writer.member("limits", limits) }
        writer.member("created_at", createdAt.truncatedToMilliseconds)
        writer.member("expires_at", expiresAt)
        writer.member("last_used_at", lastUsedAt?.truncatedToMilliseconds)
        writer.member(
            "previous_secret_expires_at", previousSecretExpiresAt?.truncatedToMilliseconds)
    }
}

extension Plan: JSONWritable {
    /// Writes what the API shows.
    public func write(to writer: inout JSONWriter) {
        writer.object { writeMembers(to: &$0) }
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id.text)
        writer.member("name", name)
        writer.member("weight", weight)
        writer.member("limits", limits)
    }
}

extension Limit: JSONWritable {
    /// Writes what the API shows.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", name)
            writer.member("meter", meter.text)
            writer.member("scope", scope.description)
            writer.member("window", window.rawValue)
            writer.member("limit", quantity)
            writer.member("burst", burst)
            writer.member("soft_percent", Int64(softPercent))
            writer.member("warn", warns)
            writer.member("mode", mode.rawValue)
            writer.member("on_unavailable", onUnavailable.text)
            writer.member("rollover", rollover)
            writer.member("thresholds", thresholds?.map { Int64($0) })
        }
    }
}

extension Rollover: JSONWritable {
    /// Writes what the API shows.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if let cap {
                writer.object("cap") { writer in
                    switch cap {
                    case .units(let units): writer.member("units", units)
                    case .percent(let percent): writer.member("percent", Int64(percent))
                    case .total(let total): writer.member("total", total)
                    }
                }
            } else {
                writer.member("cap", nil as Int64?)
            }
            writer.member("max_age_periods", maxAgePeriods.map { Int64($0) })
            writer.member("burn_order", burnOrder.rawValue)
            writer.member("on_plan_change", onPlanChange.rawValue)
            writer.member("overage", overage.rawValue)
        }
    }
}

extension Limit.FailurePolicy {
    /// `deny`, `allow` or `allow_capped(100)`.
    var text: String {
        switch self {
        case .deny: "deny"
        case .allow: "allow"
        case .allowCapped(let cap): "allow_capped(\(cap))"
        }
    }

    init?(_ text: String) {
        switch text {
        case "deny": self = .deny
        case "allow": self = .allow
        default:
            guard text.hasPrefix("allow_capped("), text.hasSuffix(")"),
                let cap = Int64(text.dropFirst(13).dropLast()),
                (0...Amount.maximum).contains(cap)
            else { return nil }
            self = .allowCapped(cap)
        }
    }
}

extension Reservation {
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("reservation_id", id.text)
        writer.member("tenant", tenant.text)
        writer.member("key", key == .service ? nil : key.text)
        writer.member("model", model?.text)
        writer.member("state", state.rawValue)
        writer.array("charges") { writer in
            for charge in held {
                writer.object { writer in
                    writer.member("meter", charge.meter.text)
                    writer.member("held", charge.amount)
                    writer.member(
                        "settled", settled.first { $0.meter == charge.meter }?.amount)
                }
            }
        }
        writer.member("on_expiry", onExpiry.rawValue)
        writer.member("ended_by_expiry", endedByExpiry)
        writer.member("created_at", admittedAt.truncatedToMilliseconds)
        writer.member("expires_at", expiresAt.truncatedToMilliseconds)
    }
}
