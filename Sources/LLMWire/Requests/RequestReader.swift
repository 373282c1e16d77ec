/// Reads a request's body from its first byte to its last.
struct RequestReader {
    private var scan: RequestScan
    private let members: [RequestMember]
    /// The members seen so far, a bit each.
    private var seen: UInt32 = 0
    private var maxTokens: Int64?
    private var maxCompletionTokens: Int64?
    private var parametersMaxTokens: Int64?
    private var tensorMaxTokens: Int64?
    /// How many prompts are to be continued, each by itself.
    private var prompts: Int64 = 1
    private var echoesPrompt = false
    /// The first thing that is wrong with a member.
    ///
    /// Reported once the whole body has been read: that it is no JSON goes before.
    private var problem: RequestProblem?

    private init(_ endpoint: Endpoint, byteCount: Int) {
        let places = RequestPlaces(endpoint: endpoint, byteCount: byteCount)
        scan = RequestScan(isStream: endpoint == .tritonGenerateStream, places: places)
        members = RequestMember.read(by: endpoint)
    }

    static func read(
        _ bytes: UnsafeRawBufferPointer,
        endpoint: Endpoint
    ) -> Result<RequestScan, RequestProblem> {
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            return .failure(RequestProblem(message: "the body is empty"))
        }
        var cursor = JSONCursor(start, count: bytes.count)
        var reader = RequestReader(endpoint, byteCount: bytes.count)
        do throws(JSONFault) {
            try reader.read(&cursor)
        } catch {
            if error.kind == .unexpectedByte, cursor.isBeforeObject(at: error.offset) {
                return .failure(RequestProblem(message: "the body is not a JSON object"))
            }
            let message = "the body is not valid JSON: \(error.message)"
            return .failure(RequestProblem(message: message))
        }
        if let problem = reader.problem { return .failure(problem) }
        return .success(reader.whole)
    }

    /// The scan with what only the whole body tells.
    private var whole: RequestScan {
        var scan = scan
        // Which of them a backend reads is its own affair: the largest holds for all.
        scan.maximumOutputTokens =
            [maxTokens, maxCompletionTokens, parametersMaxTokens, tensorMaxTokens]
            .compactMap { $0 }.max()
        scan.choices *= prompts
        if echoesPrompt {
            let once = TokenCount.ofText(bytes: scan.promptBytes) + prompts
            scan.echoedTokens = once * (scan.choices / prompts)
        }
        return scan
    }

    private mutating func read(_ cursor: inout JSONCursor) throws(JSONFault) {
        try cursor.document { (cursor, name) throws(JSONFault) in
            if scan.places.root.isEmpty {
                // Behind the bracket: the name's quote is one byte before its text.
                scan.places.root = RequestPlaces.Object(start: name.start - 1, isEmpty: false)
            }
            guard let member = member(name, in: cursor) else { return try cursor.skipValue() }
            try read(member, from: &cursor)
        }
        if scan.places.root.isEmpty { scan.places.root.start = cursor.startOfEmptyDocument }
    }

    /// The member with this name, if it is one that is read.
    private mutating func member(_ name: JSONText, in cursor: JSONCursor) -> RequestMember? {
        for member in members where cursor.text(name, is: member.name) {
            note(member.name, hasEscapes: name.hasEscapes)
            let bit: UInt32 = 1 << UInt32(member.rawValue)
            if seen & bit != 0 { refuse(member.name, "is given twice") }
            seen |= bit
            return member
        }
        return nil
    }

    private mutating func read(
        _ member: RequestMember,
        from cursor: inout JSONCursor
    ) throws(JSONFault) {
        switch member {
        case .model: try readModel(&cursor)
        case .stream: scan.isStream = try flag("stream", &cursor) ?? false
        case .streamOptions: try readStreamOptions(&cursor)
        case .n, .bestOf:
            let most = RequestScan.maximumChoices
            let count = try integer(member.name, upTo: most, &cursor) ?? 1
            scan.choices = max(scan.choices, count)
        case .maxTokens: maxTokens = try tokens(member.name, &cursor)
        case .maxCompletionTokens, .maxOutputTokens:
            maxCompletionTokens = try tokens(member.name, &cursor)
        case .parameters: try readParameters(&cursor)
        case .tools, .functions: scan.promptBytes += try cursor.promptBytes(withNames: true)
        case .messages, .suffix, .input, .instructions:
            scan.promptBytes += try cursor.promptBytes()
        case .prompt, .textInput: try readPrompts(&cursor)
        case .echo: echoesPrompt = try flag("echo", &cursor) ?? false
        case .inputs: try readInputs(&cursor)
        }
    }

    private mutating func readModel(_ cursor: inout JSONCursor) throws(JSONFault) {
        let start = cursor.offset
        if let text = try cursor.stringIfPresent() {
            scan.model = cursor.string(of: text)
        } else if try !cursor.skipNull() {
            refuse("model", "must be a string")
            try cursor.skipValue()
        }
        scan.places.model = start..<cursor.offset
    }

    private mutating func readStreamOptions(_ cursor: inout JSONCursor) throws(JSONFault) {
        let start = cursor.offset
        if try cursor.skipNull() {
            scan.places.streamOptions = .null(start..<cursor.offset)
            return
        }
        guard cursor.current == UInt8(ascii: "{") else {
            refuse("stream_options", "must be an object")
            return try cursor.skipValue()
        }
        var object = RequestPlaces.Object(start: start + 1)
        var value: Range<Int>?
        try cursor.members { (cursor, name) throws(JSONFault) in
            object.isEmpty = false
            guard cursor.text(name, is: "include_usage") else { return try cursor.skipValue() }
            let full: StaticString = "stream_options.include_usage"
            note(full, hasEscapes: name.hasEscapes)
            if value != nil { refuse(full, "is given twice") }
            let start = cursor.offset
            scan.wantsUsage = try flag(full, &cursor) ?? false
            value = start..<cursor.offset
        }
        scan.places.streamOptions = value.map { .includesUsage($0) } ?? .object(object)
    }

    private mutating func readParameters(_ cursor: inout JSONCursor) throws(JSONFault) {
        if try cursor.skipNull() { return }
        guard cursor.current == UInt8(ascii: "{") else {
            refuse("parameters", "must be an object")
            return try cursor.skipValue()
        }
        var isSeen = false
        try cursor.members { (cursor, name) throws(JSONFault) in
            guard cursor.text(name, is: "max_tokens") else { return try cursor.skipValue() }
            let full: StaticString = "parameters.max_tokens"
            note(full, hasEscapes: name.hasEscapes)
            if isSeen { refuse(full, "is given twice") }
            isSeen = true
            parametersMaxTokens = try tokens(full, &cursor)
        }
    }

    /// A text, a list of tokens, or a list of such.
    private mutating func readPrompts(_ cursor: inout JSONCursor) throws(JSONFault) {
        guard cursor.current == UInt8(ascii: "[") else {
            scan.promptBytes += try cursor.promptBytes()
            return
        }
        var (count, hasToken) = (Int64(0), false)
        try cursor.elements { (cursor) throws(JSONFault) in
            if cursor.isAtNumber {
                try cursor.skipNumber()
                scan.promptBytes += JSONCursor.tokenNumberBytes
                hasToken = true
            } else {
                scan.promptBytes += try cursor.promptBytes()
                count += 1
            }
        }
        prompts = max(1, count + (hasToken ? 1 : 0))
    }

    /// Triton's tensors: only their data is a prompt, or the cap of each of them.
    private mutating func readInputs(_ cursor: inout JSONCursor) throws(JSONFault) {
        guard cursor.current == UInt8(ascii: "[") else { return try cursor.skipValue() }
        try cursor.elements { (cursor) throws(JSONFault) in
            guard cursor.current == UInt8(ascii: "{") else { return try cursor.skipValue() }
            var isCap = false
            var data: JSONCursor?
            try cursor.members { (cursor, name) throws(JSONFault) in
                if cursor.text(name, is: "name"), let text = try cursor.stringIfPresent() {
                    note("inputs.name", hasEscapes: name.hasEscapes)
                    isCap =
                        isCap || cursor.text(text, is: "max_tokens")
                        || cursor.text(text, is: "request_output_len")
                } else if cursor.text(name, is: "data") {
                    note("inputs.data", hasEscapes: name.hasEscapes)
                    if data != nil { refuse("inputs.data", "is given twice") }
                    data = cursor
                    scan.promptBytes += try cursor.promptBytes()
                } else {
                    try cursor.skipValue()
                }
            }
            guard isCap, var data else { return }
            var sum: Int64 = 0
            guard try data.addIntegers(to: &sum), 1...RequestScan.maximumTokens ~= sum else {
                return refuse("inputs", "must have integers from 1 in the tensor of the cap")
            }
            tensorMaxTokens = max(sum, tensorMaxTokens ?? 0)
        }
    }

    // MARK: Values

    private mutating func flag(
        _ name: StaticString,
        _ cursor: inout JSONCursor
    ) throws(JSONFault) -> Bool? {
        if let value = try cursor.boolean() { return value }
        if try cursor.skipNull() { return nil }
        refuse(name, "must be true or false")
        try cursor.skipValue()
        return nil
    }

    private mutating func tokens(
        _ name: StaticString,
        _ cursor: inout JSONCursor
    ) throws(JSONFault) -> Int64? {
        try integer(name, upTo: RequestScan.maximumTokens, &cursor)
    }

    private mutating func integer(
        _ name: StaticString,
        upTo most: Int64,
        _ cursor: inout JSONCursor
    ) throws(JSONFault) -> Int64? {
        if try cursor.skipNull() { return nil }
        if let value = try cursor.integer(), 1...most ~= value { return value }
        refuse(name, "must be an integer from 1 to \(most)")
        return nil
    }

    private mutating func note(_ name: StaticString, hasEscapes: Bool) {
        if hasEscapes { refuse(name, "must be written without escapes in its name") }
    }

    private mutating func refuse(_ name: StaticString, _ reason: @autoclosure () -> String) {
        guard problem == nil else { return }
        problem = RequestProblem(message: "'\(name)' \(reason())", param: name.description)
    }
}

extension JSONCursor {
    /// Adds up the integers of an array, however deep they are.
    ///
    /// - Returns: false when there is something else, or the sum is too large.
    fileprivate mutating func addIntegers(to sum: inout Int64) throws(JSONFault) -> Bool {
        var isGood = true
        if current == UInt8(ascii: "[") {
            try elements { (cursor) throws(JSONFault) in
                if try !cursor.addIntegers(to: &sum) { isGood = false }
            }
        } else if let value = try integer(), value >= 0 {
            let (all, overflow) = sum.addingReportingOverflow(value)
            (sum, isGood) = (all, !overflow)
        } else {
            return false
        }
        return isGood
    }

    /// Whether `offset` is the first byte of the document that is no white space, and no object
    /// starts there.
    fileprivate func isBeforeObject(at offset: Int) -> Bool {
        var start = JSONCursor(bytes, count: count)
        start.skipWhitespace()
        return start.offset == offset && start.current != UInt8(ascii: "{")
    }

    /// Where the first member would stand in a document that is an empty object.
    fileprivate var startOfEmptyDocument: Int {
        var start = JSONCursor(bytes, count: count)
        start.skipWhitespace()
        return start.offset + 1
    }
}
