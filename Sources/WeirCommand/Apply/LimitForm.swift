import StrictJSON

/// Limits in one form, so that what says the same compares equal.
struct LimitForm: Equatable {
    /// Names and values of all members, defaults filled in.
    private(set) var members: [(name: String, value: JSONValue)]
    /// Names and values of a limit of which nothing but the quantity is said.
    private let defaults: [(name: String, value: JSONValue)]
    /// The limit's name: `tenant:ai_tokens/month`.
    let name: String

    static func == (left: LimitForm, right: LimitForm) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8)
            && left.members.elementsEqual(right.members) {
                $0.name == $1.name && $0.value == $1.value
            }
    }

    /// The form of a limit as a manifest or the server gives it, in an object of `kind`.
    init(_ limit: JSONValue, of kind: ManifestKind) {
        func text(_ name: String) -> String? { limit[name]?.stringValue }
        let meter = text("meter") ?? ""
        let window = text("window") ?? ""
        let model = text("model").map { "model(\($0))" }
        let whole = kind == .organization ? "org" : "tenant"
        let given = text("scope") == "model" ? nil : text("scope")
        let scope = given ?? model ?? whole
        let quantity = limit["limit"] ?? .null
        let isRate = ["second", "minute", "hour"].contains(window)
        let policy =
            isRate ? "allow_capped(\(quantity.integerValue ?? 0))" : "deny"
        name = "\(scope):\(meter)/\(window)"
        defaults = [
            ("limit", quantity), ("burst", .null), ("soft_percent", 80), ("warn", true),
            ("mode", "enforce"), ("on_unavailable", .string(policy)), ("rollover", .null),
            ("thresholds", .null),
        ]
        members = defaults.map { name, fallback in
            guard let value = limit[name], !value.isNull else { return (name, fallback) }
            switch name {
            case "rollover": return (name, Self.whole(value))
            case "thresholds": return (name, Self.sorted(value))
            default: return (name, value)
            }
        }
    }

    /// A rollover with its defaults filled in.
    private static func whole(_ rollover: JSONValue) -> JSONValue {
        guard let members = rollover.objectValue else { return rollover }
        let defaults: [(String, JSONValue)] = [
            ("cap", .null), ("max_age_periods", 1), ("burn_order", "plan_first"),
            ("on_plan_change", "keep"), ("overage", "forgive"),
        ]
        var whole = members
        for (name, fallback) in defaults where whole[name]?.isNull ?? true {
            // Without an end is something else than not said.
            if name != "max_age_periods" || whole[name] == nil { whole[name] = fallback }
        }
        return .object(whole)
    }

    /// Percentages in their order, each once, as the server keeps them.
    private static func sorted(_ thresholds: JSONValue) -> JSONValue {
        let percents = (thresholds.arrayValue ?? []).compactMap(\.integerValue)
        return .array(Set(percents).sorted().map { .number(JSONNumber($0)) })
    }

    /// What differs between the limits of the server and those of a manifest.
    static func changes(
        from old: [JSONValue], to new: [JSONValue], of kind: ManifestKind
    ) -> [FieldChange] {
        let old = old.map { LimitForm($0, of: kind) }
        let new = new.map { LimitForm($0, of: kind) }
        var changes: [FieldChange] = []
        for limit in new {
            let title = "limits[\(SafeText.line(limit.name))]"
            guard let before = old.first(where: { $0.isNamed(limit.name) }) else {
                changes.append(FieldChange(name: title, old: nil, new: limit.summary))
                continue
            }
            for (was, now) in zip(before.members, limit.members)
            where !ManifestDiff.isSame(now.value, was.value, .anything) {
                changes.append(
                    FieldChange(
                        name: "\(title).\(now.name)",
                        old: MemberTable.cell(was.value, null: "null"),
                        new: MemberTable.cell(now.value, null: "null")))
            }
        }
        for limit in old where !new.contains(where: { $0.isNamed(limit.name) }) {
            let title = "limits[\(SafeText.line(limit.name))]"
            changes.append(FieldChange(name: title, old: limit.summary, new: nil))
        }
        return changes
    }

    private func isNamed(_ other: String) -> Bool { name.utf8.elementsEqual(other.utf8) }

    /// `1000` or `unlimited`, and what differs from the defaults: `1000, mode shadow`.
    private var summary: String {
        zip(members, defaults)
            .filter { !ManifestDiff.isSame($0.value, $1.value, .anything) }
            .reduce(MemberTable.cell(members[0].value, null: "unlimited")) { text, pair in
                "\(text), \(pair.0.name) \(MemberTable.cell(pair.0.value, null: "null"))"
            }
    }
}
