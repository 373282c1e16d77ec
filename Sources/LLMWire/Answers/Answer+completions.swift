extension Answer {
    /// Chat completions, completions and embeddings, or an event of their streams.
    mutating func readCompletion(_ cursor: inout JSONCursor) throws(JSONFault) {
        // Older servers write their errors so: `{"object":"error","message":…}`.
        var isError = false
        var message: String?
        try cursor.document { (cursor, name) throws(JSONFault) in
            switch name.byteCount {
            case 7 where cursor.text(name, is: "choices"): try readChoices(&cursor)
            case 5 where cursor.text(name, is: "usage"): try readUsage(&cursor)
            case 5 where cursor.text(name, is: "error"): try readError(&cursor)
            case 6 where cursor.text(name, is: "object"):
                guard let text = try cursor.stringIfPresent() else { fallthrough }
                isError = cursor.text(text, is: "error")
            case 7 where cursor.text(name, is: "message"): message = try self.message(&cursor)
            default: try cursor.skipValue()
            }
        }
        if isError, error == nil { error = message ?? Self.unnamedError }
    }

    private mutating func readChoices(_ cursor: inout JSONCursor) throws(JSONFault) {
        guard cursor.current == UInt8(ascii: "[") else { return try cursor.skipValue() }
        choices = .empty
        try cursor.elements { (cursor) throws(JSONFault) in
            choices = .some
            guard cursor.current == UInt8(ascii: "{") else { return try cursor.skipValue() }
            try readChoice(&cursor)
        }
    }

    private mutating func readChoice(_ cursor: inout JSONCursor) throws(JSONFault) {
        var textBytes = 0
        try cursor.members { (cursor, name) throws(JSONFault) in
            switch name.byteCount {
            case 5 where cursor.text(name, is: "delta"),
                7 where cursor.text(name, is: "message"):
                textBytes += try messageBytes(&cursor)
            case 4 where cursor.text(name, is: "text"): textBytes += try text(&cursor)
            case 13 where cursor.text(name, is: "finish_reason"):
                if try cursor.skipNull() { return }
                hasFinish = true
                try cursor.skipValue()
            default: try cursor.skipValue()
            }
        }
        count(textBytes: textBytes)
    }

    /// The bytes of text in a message, or in what is added to one.
    private mutating func messageBytes(_ cursor: inout JSONCursor) throws(JSONFault) -> Int {
        guard cursor.current == UInt8(ascii: "{") else {
            try cursor.skipValue()
            return 0
        }
        var sum = 0
        // Some servers send reasoning under both of its names.
        var reasoning = 0
        try cursor.members { (cursor, name) throws(JSONFault) in
            if cursor.text(name, is: "content") || cursor.text(name, is: "refusal") {
                sum += try text(&cursor)
            } else if cursor.text(name, is: "reasoning_content")
                || cursor.text(name, is: "reasoning")
            {
                reasoning = max(reasoning, try text(&cursor))
            } else if cursor.text(name, is: "tool_calls") {
                sum += try toolCallBytes(&cursor)
            } else if cursor.text(name, is: "function_call") {
                sum += try functionBytes(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return sum + reasoning
    }

    private mutating func toolCallBytes(_ cursor: inout JSONCursor) throws(JSONFault) -> Int {
        guard cursor.current == UInt8(ascii: "[") else {
            try cursor.skipValue()
            return 0
        }
        var sum = 0
        try cursor.elements { (cursor) throws(JSONFault) in
            guard cursor.current == UInt8(ascii: "{") else { return try cursor.skipValue() }
            try cursor.members { (cursor, name) throws(JSONFault) in
                guard cursor.text(name, is: "function") else { return try cursor.skipValue() }
                sum += try functionBytes(&cursor)
            }
        }
        return sum
    }

    private mutating func functionBytes(_ cursor: inout JSONCursor) throws(JSONFault) -> Int {
        guard cursor.current == UInt8(ascii: "{") else {
            try cursor.skipValue()
            return 0
        }
        var sum = 0
        try cursor.members { (cursor, name) throws(JSONFault) in
            guard cursor.text(name, is: "arguments") else { return try cursor.skipValue() }
            sum += try text(&cursor)
        }
        return sum
    }
}
