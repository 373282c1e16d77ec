import StrictJSON

/// The answer to a what-if, for a person.
enum WhatIfText {
    /// Who would have been refused, then the sums, then what the answer can't know.
    static func text(_ answer: JSONValue) -> String {
        let rows = answer["refusals"]?.arrayValue ?? []
        var text = ""
        if rows.isEmpty {
            text = "Nobody would have been refused.\n"
        } else {
            text = MemberTable.list(
                rows,
                [
                    .text("tenant"), .text("limit"), .text("mode"), .number("requests"),
                    .number("units"), .text("first_at"), .text("last_at"),
                ])
        }
        if answer["truncated"]?.boolValue == true {
            text += "There are more: --limit N shows up to 10000; the sums count all.\n"
        }
        text += "\n" + sums(answer) + "\n"
        let limits = answer["limits"]?.arrayValue ?? []
        if !limits.isEmpty {
            text += MemberTable.list(
                limits,
                [
                    .text("limit"), .text("mode"), .text("judged_by"), .number("tenants"),
                    .number("requests"), .number("units"),
                ])
        }
        let notes = (answer["notes"]?.arrayValue ?? []).compactMap(\.stringValue)
        return text + notes.map { "\nNote: \(SafeText.line($0))\n" }.joined()
    }

    private static func sums(_ answer: JSONValue) -> String {
        func number(_ name: String) -> String { MemberTable.cell(answer[name]) }
        return "\(number("refused_tenants")) of \(number("tenants")) tenants would have been "
            + "refused \(number("refused_requests")) requests from \(number("since")) until "
            + "\(number("until")); \(number("rows_read")) rows of use were read.\n"
    }
}
