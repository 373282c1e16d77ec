import StrictJSON

extension ManifestDiff {
    /// The difference for a person: `+` is made, `~` is changed, `=` stays.
    var text: String {
        var lines: [String] = []
        for step in steps {
            guard let changes = step.changes else {
                lines.append("+ \(step.entry.title)")
                for member in step.entry.members.members
                where !["id", "tenant", "meter", "window"].contains(member.name) {
                    lines += Self.lines(member, of: step.entry.kind)
                }
                continue
            }
            lines.append("~ \(step.entry.title)")
            for change in changes {
                let old = change.old ?? "(none)"
                let new = change.new ?? "(removed)"
                lines.append("    \(change.name): \(old) -> \(new)")
            }
        }
        for entry in expired {
            lines.append("! \(entry.title): its expires_at is over; passed over")
        }
        lines.append("= \(unchanged) unchanged")
        return lines.joined(separator: "\n") + "\n"
    }

    /// `2 to create, 1 to change`.
    var summary: String {
        let created = steps.filter { $0.changes == nil }.count
        return "\(created) to create, \(steps.count - created) to change"
    }

    private static func lines(_ member: JSONObject.Member, of kind: ManifestKind) -> [String] {
        guard member.name == "limits", let limits = member.value.arrayValue else {
            return ["    \(member.name): \(MemberTable.cell(member.value, null: "null"))"]
        }
        return LimitForm.changes(from: [], to: limits, of: kind)
            .map { "    \($0.name): \($0.new ?? "")" }
    }
}
