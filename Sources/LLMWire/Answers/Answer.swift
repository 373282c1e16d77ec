/// What an event of a stream, or a whole answer, says.
struct Answer {
    /// Whether an answer has choices.
    enum Choices {
        case missing, empty, some
    }

    /// What an answer says of its usage.
    enum UsageReport {
        case missing
        /// An object; nil when it can't be believed.
        case given(Usage?)
    }

    /// How responses end.
    enum Ending {
        case completed, incomplete, failed
    }

    /// What an error is called that says nothing of itself.
    static let unnamedError = "the backend reported an error"
    /// The longest message of a backend's error that is kept.
    static let maximumMessageBytes = 1024

    let endpoint: Endpoint
    /// Whether this is all of an answer, and not an event of a stream.
    let isWhole: Bool

    /// Output tokens by ``TokenCount``.
    var tokens: Int64 = 0
    /// The fewest that they can be.
    var leastTokens: Int64 = 0
    /// How many strings of text there were.
    var textCount = 0
    /// The last of them.
    var lastText: JSONText?
    var usage = UsageReport.missing
    var choices = Choices.missing
    var hasFinish = false
    var ending: Ending?
    /// The backend's error.
    var error: String?

    init(endpoint: Endpoint, isWhole: Bool) {
        self.endpoint = endpoint
        self.isWhole = isWhole
    }

    /// Reads a document, which has to be an object.
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        endpoint: Endpoint,
        isWhole: Bool
    ) throws(JSONFault) -> Answer {
        guard let start = bytes.baseAddress else {
            throw JSONFault(kind: .unexpectedEnd, offset: 0)
        }
        var cursor = JSONCursor(start, count: bytes.count)
        var answer = Answer(endpoint: endpoint, isWhole: isWhole)
        switch endpoint {
        case .chatCompletions, .completions, .embeddings: try answer.readCompletion(&cursor)
        case .responses: try answer.readResponse(&cursor)
        case .tritonGenerate, .tritonGenerateStream, .tritonInfer: try answer.readTriton(&cursor)
        }
        return answer
    }

    // MARK: Parts that endpoints share

    /// Counts text that belongs together.
    mutating func count(textBytes: Int) {
        tokens +=
            isWhole
            ? TokenCount.ofText(bytes: textBytes) : TokenCount.ofEvent(textBytes: textBytes)
        leastTokens += TokenCount.leastOfText(bytes: textBytes)
    }

    /// Steps over any value and says how many bytes of text it has; usually it is a string.
    @inline(__always)
    mutating func text(_ cursor: inout JSONCursor) throws(JSONFault) -> Int {
        if let text = try cursor.stringIfPresent() {
            textCount += 1
            lastText = text
            return text.byteCount
        }
        if try cursor.skipNull() { return 0 }
        // Parts of a message, or several texts: too rare to look closer.
        textCount += 2
        return try cursor.promptBytes()
    }

    mutating func readUsage(_ cursor: inout JSONCursor) throws(JSONFault) {
        if try cursor.skipNull() { return }
        usage = .given(try UsageReader.read(from: &cursor, endpoint: endpoint))
    }

    /// Reads `error`: nothing, a string, or an object with a message; `false` is none.
    mutating func readError(_ cursor: inout JSONCursor) throws(JSONFault) {
        if try cursor.skipNull() { return }
        if let isError = try cursor.boolean() {
            if isError { error = Self.unnamedError }
            return
        }
        var message: String?
        if cursor.current == UInt8(ascii: "{") {
            try cursor.members { (cursor, name) throws(JSONFault) in
                guard cursor.text(name, is: "message") else { return try cursor.skipValue() }
                message = try self.message(&cursor) ?? message
            }
        } else {
            message = try self.message(&cursor)
        }
        error = message ?? Self.unnamedError
    }

    /// Steps over any value; nil when it is no string.
    func message(_ cursor: inout JSONCursor) throws(JSONFault) -> String? {
        guard let text = try cursor.stringIfPresent() else {
            try cursor.skipValue()
            return nil
        }
        return cursor.string(of: text, maximumBytes: Self.maximumMessageBytes)
    }
}
