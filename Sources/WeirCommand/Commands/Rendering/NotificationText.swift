import StrictJSON

/// Notifications, for a person.
enum NotificationText {
    /// `17  2026-11-21T10:00:00.123Z  quota.exhausted  acme  tenant:ai_tokens/month  5 of 5 used`.
    static func line(number: String, _ notification: JSONValue) -> String {
        let data = notification["data"]
        var words = [
            SafeText.line(number), MemberTable.cell(notification["timestamp"]),
            MemberTable.cell(notification["type"]), subject(data),
        ]
        if let limit = data?["limit_id"] { words.append(MemberTable.cell(limit)) }
        if let plan = data?["plan"] { words.append("plan \(MemberTable.cell(plan))") }
        if let used = data?["used"] {
            let limit = MemberTable.cell(data?["limit"], null: "unlimited")
            words.append("\(MemberTable.cell(used)) of \(limit) used")
        }
        if let percent = data?["percent"] { words.append("\(MemberTable.cell(percent)) %") }
        if let end = data?["ends_at"] { words.append("ends \(MemberTable.cell(end))") }
        return words.joined(separator: "  ") + "\n"
    }

    /// Whose limit or plan it is.
    private static func subject(_ data: JSONValue?) -> String {
        guard let organization = data?["organization"], !organization.isNull else {
            return MemberTable.cell(data?["tenant"])
        }
        return "organization \(MemberTable.cell(organization))"
    }
}
