import StrictJSON

/// What a tenant or an organization uses of its limits.
enum UsageText {
    /// The head, and a table of limits and allocations.
    static func text(_ answer: JSONValue) -> String {
        let limits = answer["limits"]?.arrayValue ?? []
        let allocations = answer["allocations"]?.arrayValue ?? []
        var head = answer.objectValue ?? JSONObject()
        head["limits"] = nil
        head["allocations"] = nil
        return MemberTable.record(.object(head)) + "\n"
            + MemberTable.list(limits + allocations, DecisionText.limitColumns)
    }
}
