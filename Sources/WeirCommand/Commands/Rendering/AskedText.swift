import StrictJSON

/// The answers to questions about a tenant, for a person.
enum AskedText {
    /// `acme is on plan starter`, why, and what comes next.
    static func plan(_ answer: JSONValue) -> String {
        let plan = cell(answer["plan"])
        var lines: [String]
        switch answer["reason"]?.stringValue {
        case "trial":
            lines = [
                "\(tenant(answer)): plan \(plan), a trial until \(cell(answer["trial_ends_at"]))"
            ]
        case "default":
            lines = [
                "\(tenant(answer)): plan \(plan), the default, since there is no plan "
                    + cell(answer["named"])
            ]
        default: lines = ["\(tenant(answer)): plan \(plan)"]
        }
        if let next = answer["next_change"], !next.isNull {
            lines.append("plan \(cell(next["plan"])) from \(cell(next["at"])) on")
        }
        return joined(lines)
    }

    /// What the limit is, where it comes from and what it replaces, and a table of its use.
    static func limit(_ answer: JSONValue) -> String {
        let name = "\(cell(answer["meter"]))/\(cell(answer["window"]))"
        let limit = answer["limit"] ?? .null
        let units = limit.isNull ? "no limit" : cell(limit["limit"])
        let isOfPlan = answer["source"]?.stringValue == "plan"
        let source = isOfPlan ? "plan \(cell(answer["plan"]))" : "the \(cell(answer["source"]))"
        var lines = ["\(tenant(answer)): \(units) of \(name), from \(source)"]
        if let override = answer["override"], !override.isNull {
            let planned = override["plan_limit"] ?? .null
            let until = override["until"] ?? .null
            lines.append(
                "it replaces \(planned.isNull ? "no limit" : cell(planned)) of plan "
                    + "\(cell(answer["plan"]))"
                    + (until.isNull ? ", without an end" : " until \(cell(until))"))
        }
        let limits = (limit.isNull ? [] : [limit]) + (answer["other_limits"]?.arrayValue ?? [])
        return joined(lines) + table(limits)
    }

    /// How many are left, and what bounds them.
    static func remaining(_ answer: JSONValue) -> String {
        let tokens = "ai_tokens"
        switch answer["reason"]?.stringValue {
        case "unlimited": return "\(tenant(answer)): no budget bounds its \(tokens)\n"
        case "suspended": return "\(tenant(answer)): 0 \(tokens) left; it is suspended\n"
        default:
            let reset = answer["reset_at"] ?? .null
            return "\(tenant(answer)): \(cell(answer["remaining"])) \(tokens) left of "
                + cell(answer["limit_id"])
                + (reset.isNull ? "\n" : ", which resets at \(cell(reset))\n")
        }
    }

    /// Whether it is near, and the limits that are.
    static func near(_ answer: JSONValue) -> String {
        let isNear = answer["near"]?.boolValue == true
        let verdict = isNear ? "near a limit of" : "not near any limit of"
        return "\(tenant(answer)): \(verdict) \(cell(answer["meter"]))\n"
            + table(answer["limits"]?.arrayValue ?? [])
    }

    private static func tenant(_ answer: JSONValue) -> String {
        "tenant \(cell(answer["tenant"]))"
    }

    private static func cell(_ value: JSONValue?) -> String { MemberTable.cell(value) }

    private static func joined(_ lines: [String]) -> String {
        lines.joined(separator: "\n") + "\n"
    }

    private static func table(_ limits: [JSONValue]) -> String {
        limits.isEmpty ? "" : "\n" + MemberTable.list(limits, DecisionText.limitColumns)
    }
}
