import StrictJSON

/// Overrides for a person.
enum OverrideText {
    /// An override, a member on each line.
    static func text(_ answer: JSONValue) -> String { MemberTable.record(row(answer)) }

    /// An override with what null and its multiplier mean: `limit  150 %`, `expires_at  never`.
    static func row(_ item: JSONValue) -> JSONValue {
        guard let members = item.objectValue?.members else { return item }
        var row = JSONObject()
        for member in members {
            switch (member.name, member.value.isNull) {
            case ("multiplier_percent", _):
                row["limit"] = .string("\(MemberTable.cell(member.value)) %")
            case ("limit", true): row["limit"] = "unlimited"
            case ("starts_at", true): row["starts_at"] = "when set"
            case ("expires_at", true): row["expires_at"] = "never"
            default: row[member.name] = member.value
            }
        }
        return .object(row)
    }
}
