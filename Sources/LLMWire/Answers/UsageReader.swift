/// Reads the object `usage`.
struct UsageReader {
    private var input: Int64?
    private var cachedInput: Int64?
    private var output: Int64?
    private var reasoning: Int64?
    /// Whether a count is no integer; then no count is believed.
    private var isBroken = false

    /// Steps over any value; nil when it is no usage.
    ///
    /// Both counts have to be there: an answer without one of them would be free. Embeddings have
    /// no output.
    static func read(
        from cursor: inout JSONCursor,
        endpoint: Endpoint
    ) throws(JSONFault) -> Usage? {
        guard cursor.current == UInt8(ascii: "{") else {
            try cursor.skipValue()
            return nil
        }
        var reader = UsageReader()
        if endpoint == .embeddings { reader.output = 0 }
        let isResponse = endpoint == .responses
        try cursor.members { (cursor, name) throws(JSONFault) in
            if cursor.text(name, is: isResponse ? "input_tokens" : "prompt_tokens") {
                reader.input = try reader.count(&cursor)
            } else if cursor.text(name, is: isResponse ? "output_tokens" : "completion_tokens") {
                reader.output = try reader.count(&cursor) ?? reader.output
            } else if cursor.text(
                name, is: isResponse ? "input_tokens_details" : "prompt_tokens_details")
            {
                reader.cachedInput = try reader.detail("cached_tokens", &cursor)
            } else if cursor.text(
                name, is: isResponse ? "output_tokens_details" : "completion_tokens_details")
            {
                reader.reasoning = try reader.detail("reasoning_tokens", &cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return reader.usage
    }

    private var usage: Usage? {
        guard let input, let output, !isBroken else { return nil }
        return Usage(
            input: input, cachedInput: cachedInput ?? 0, output: output, reasoning: reasoning ?? 0)
    }

    private mutating func count(_ cursor: inout JSONCursor) throws(JSONFault) -> Int64? {
        if try cursor.skipNull() { return nil }
        let count = try cursor.integer()
        if count == nil { isBroken = true }
        return count
    }

    private mutating func detail(
        _ member: StaticString,
        _ cursor: inout JSONCursor
    ) throws(JSONFault) -> Int64? {
        guard cursor.current == UInt8(ascii: "{") else {
            try cursor.skipValue()
            return nil
        }
        var value: Int64?
        try cursor.members { (cursor, name) throws(JSONFault) in
            if cursor.text(name, is: member) {
                value = try count(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return value
    }
}
