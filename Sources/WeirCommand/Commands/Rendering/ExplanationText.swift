import StrictJSON

/// A decision and what became of it, for a person.
enum ExplanationText {
    /// The verdict with its limits, then the story of the reservation or request.
    static func text(_ answer: JSONValue) -> String {
        if let events = answer["events"]?.arrayValue { return booked(answer, events) }
        var text = DecisionText.text(answer)
        if let reservation = answer["reservation"], !reservation.isNull {
            text += "\nreservation:\n" + MemberTable.record(reservation)
        }
        if let request = answer["request"], !request.isNull { text += "\n" + story(request) }
        return text
    }

    private static func booked(_ answer: JSONValue, _ events: [JSONValue]) -> String {
        let columns: [Column] = [
            .text("meter"), .number("units"), .number("overage"), .text("key"), .text("model"),
            .text("admitted_at"), .text("posted_at"), .text("metadata"),
        ]
        return "allowed: tenant \(MemberTable.cell(answer["tenant"])); this was booked:\n\n"
            + MemberTable.list(events, columns)
    }

    private static func story(_ request: JSONValue) -> String {
        var line = "request \(MemberTable.cell(request["id"]))"
        line += ": \(MemberTable.cell(request["endpoint"]))"
        line += ", model \(MemberTable.cell(request["model"]))"
        line += ", \(MemberTable.cell(request["outcome"]))"
        if let duration = number(request["duration_ms"]) { line += " after \(duration) ms" }
        if let cost = request["cost"]?.stringValue {
            line += "\ncost \(SafeText.line(cost)) \(MemberTable.cell(request["currency"]))"
            line += ", prices \(MemberTable.cell(request["prices"]))"
        }
        let attempts = request["attempts"]?.arrayValue ?? []
        return ([line] + attempts.enumerated().map { attempt($0 + 1, $1) })
            .joined(separator: "\n\n") + "\n"
    }

    private static func attempt(_ number: Int, _ attempt: JSONValue) -> String {
        var lines = ["attempt \(number), \(MemberTable.cell(attempt["decision_id"])):"]
        func add(_ name: String, _ text: String) {
            lines.append("  \(name.padding(to: 10)) \(text)")
        }
        guard attempt["allowed"]?.boolValue == true else {
            add("outcome", "refused by a limit")
            return lines.joined(separator: "\n")
        }
        add("outcome", outcome(attempt))
        if let backend = attempt["backend"]?.stringValue { add("backend", SafeText.line(backend)) }
        let estimate = attempt["estimate"]
        add(
            "estimate",
            "\(MemberTable.cell(estimate?["input_tokens"])) input, "
                + "\(MemberTable.cell(estimate?["output_tokens"])) output tokens")
        if let usage = attempt["usage"], !usage.isNull { add("used", tokens(usage)) }
        add("held", charges(attempt["held"]) + extended(attempt))
        if attempt["booked"]?.isNull == false { add("booked", charges(attempt["booked"])) }
        if let ended = self.number(attempt["ended_after_ms"]) {
            let begun = self.number(attempt["begun_after_ms"]) ?? "-"
            let first = self.number(attempt["first_byte_after_ms"])
                .map { ", the answer began at \($0) ms" }
            add("time", "from \(begun) ms to \(ended) ms" + (first ?? ""))
        }
        return lines.joined(separator: "\n")
    }

    private static func outcome(_ attempt: JSONValue) -> String {
        guard attempt["outcome"]?.isNull == false else { return "under way" }
        var text = MemberTable.cell(attempt["outcome"])
        if let failure = attempt["failure"]?.stringValue {
            text += " (\(SafeText.line(failure))"
            if let detail = attempt["detail"]?.stringValue { text += ": \(SafeText.line(detail))" }
            text += ")"
        }
        return text
    }

    private static func tokens(_ usage: JSONValue) -> String {
        func count(_ name: String) -> String { MemberTable.cell(usage[name]) }
        let isTold = usage["source"] == "backend"
        return "\(count("input_tokens")) input (\(count("cached_input_tokens")) cached), "
            + "\(count("output_tokens")) output (\(count("reasoning_tokens")) reasoning) tokens, "
            + (isTold ? "told by the backend" : "estimated, or counted on the wire")
            + (usage["contradicts_stream"] == true ? "; its usage contradicts its stream" : "")
    }

    private static func charges(_ charges: JSONValue?) -> String {
        let texts = (charges?.arrayValue ?? [])
            .map { "\(MemberTable.cell($0["meter"])) \(MemberTable.cell($0["amount"]))" }
        return texts.isEmpty ? "nothing" : texts.joined(separator: ", ")
    }

    private static func extended(_ attempt: JSONValue) -> String {
        guard let more = attempt["extended_tokens"]?.integerValue, more > 0 else { return "" }
        return "; \(more) tokens more while the answer came"
    }

    private static func number(_ value: JSONValue?) -> String? {
        value?.numberValue == nil ? nil : MemberTable.cell(value)
    }
}

extension String {
    /// This text with blanks behind it.
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
