import StrictJSON

extension ManifestDiff {
    /// The difference for a person: `+` is made, `~` is changed, `=` stays, `!` is a warning.
    var text: String {
        var lines: [String] = []
        for step in steps {
            guard let changes = step.changes else {
                lines.append("+ \(step.entry.title)")
                lines += Self.members(of: step.entry).map { "    \($0.name): \($0.new ?? "")" }
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
            let what =
                entry.members["periods"] == nil
                ? "its expires_at is over; passed over"
                : "its periods are over; passed over, delete it to have them again"
            lines.append("! \(entry.title), line \(entry.line): \(what)")
        }
        lines += warnings.map { "! \($0)" }
        lines.append("= \(unchanged) unchanged")
        return lines.joined(separator: "\n") + "\n"
    }

    /// `2 to create, 1 to change`.
    var summary: String {
        let created = steps.filter { $0.changes == nil }.count
        return "\(created) to create, \(steps.count - created) to change"
    }
}
