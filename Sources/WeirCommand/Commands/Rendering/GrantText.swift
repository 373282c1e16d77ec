import StrictJSON

/// Units on top of limits, for a person.
enum GrantText {
    /// A grant, a member on each line.
    static func text(_ answer: JSONValue) -> String { MemberTable.record(row(answer)) }

    /// A grant with what null means: `expires_at  never`; carried units expire with a period.
    static func row(_ item: JSONValue) -> JSONValue {
        guard item["expires_at"]?.isNull == true, var row = item.objectValue else { return item }
        row["expires_at"] = "never"
        return .object(row)
    }
}
