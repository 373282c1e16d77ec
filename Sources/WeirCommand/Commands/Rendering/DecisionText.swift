import StrictJSON

/// What an answer of the decision routes says.
enum DecisionText {
    /// Whether an answer is a decision that refuses.
    static func isRefusal(_ answer: JSONValue) -> Bool { answer["allowed"]?.boolValue == false }

    /// A decision for a person: the verdict, the warnings and the limits.
    static func text(_ answer: JSONValue) -> String {
        var lines = [verdict(answer)]
        if answer["enforced"]?.boolValue == false {
            lines.append("enforcement is switched off: this is only recorded")
        }
        for warning in answer["warnings"]?.arrayValue ?? [] {
            lines.append("warning: \(MemberTable.cell(warning))")
        }
        let limits = answer["limits"]?.arrayValue ?? []
        let table = limits.isEmpty ? "" : "\n" + MemberTable.list(limits, limitColumns)
        return lines.joined(separator: "\n") + "\n" + table
    }

    /// The columns of limits with their use.
    static let limitColumns: [Column] = [
        .text("id", title: "limit"),
        .number("limit", title: "allowed", null: "unlimited"),
        .number("used"), .number("held"), .number("remaining", null: "unlimited"),
        .text("reset_at", title: "resets"), .text("source"), .text("mode"),
    ]

    private static func verdict(_ answer: JSONValue) -> String {
        let tenant = MemberTable.cell(answer["tenant"])
        let plan = MemberTable.cell(answer["plan"])
        guard isRefusal(answer) else { return "allowed: tenant \(tenant), plan \(plan)" }
        let denied = answer["denied_by"]
        let reason = MemberTable.cell(denied?["reason"])
        var line = "refused (\(reason)): tenant \(tenant), plan \(plan)"
        if let id = denied?["id"], !id.isNull {
            line += "\n\(MemberTable.cell(id)): \(MemberTable.cell(denied?["requested"])) requested"
            line += ", \(MemberTable.cell(denied?["available"])) available"
        }
        if let wait = denied?["retry_after_ms"]?.integerValue {
            line += "; again in \(duration(milliseconds: wait))"
        }
        if let upgrade = denied?["upgrade"], !upgrade.isNull {
            line += "\nplan \(MemberTable.cell(upgrade["plan"])) would allow "
            line +=
                upgrade["limit"]?.isNull == true
                ? "it without a limit" : MemberTable.cell(upgrade["limit"])
        }
        return line
    }

    /// `3 d 4 h`, `12 min 5 s`, rounded up to the second.
    static func duration(milliseconds: Int64) -> String {
        let seconds = (max(0, milliseconds) + 999) / 1_000
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        default: return "\(seconds / 86_400) d \(seconds % 86_400 / 3_600) h"
        }
    }
}
