extension Answer {
    /// A response of OpenAI's responses API, or an event of its stream.
    mutating func readResponse(_ cursor: inout JSONCursor) throws(JSONFault) {
        var type: JSONText?
        var deltaBytes = 0
        var message: String?
        var inner = Answer(endpoint: endpoint, isWhole: isWhole)
        try cursor.document { (cursor, name) throws(JSONFault) in
            if cursor.text(name, is: "type") {
                type = try cursor.stringIfPresent()
                if type == nil { try cursor.skipValue() }
            } else if cursor.text(name, is: "delta") {
                deltaBytes = try text(&cursor)
            } else if cursor.text(name, is: "response") {
                try inner.readResponseObject(&cursor)
            } else if cursor.text(name, is: "message") {
                message = try self.message(&cursor)
            } else {
                try readResponseMember(name, &cursor)
            }
        }
        guard let type, !isWhole else { return }
        if cursor.text(type, is: "error"), error == nil {
            error = message ?? Self.unnamedError
        }
        if cursor.isDelta(type) { count(textBytes: deltaBytes) }
        ending = cursor.ending(type)
        guard ending != nil else { return }
        usage = inner.usage
        error = error ?? inner.error
    }

    private mutating func readResponseObject(_ cursor: inout JSONCursor) throws(JSONFault) {
        guard cursor.current == UInt8(ascii: "{") else { return try cursor.skipValue() }
        try cursor.members { (cursor, name) throws(JSONFault) in
            try readResponseMember(name, &cursor)
        }
    }

    private mutating func readResponseMember(
        _ name: JSONText,
        _ cursor: inout JSONCursor
    ) throws(JSONFault) {
        if cursor.text(name, is: "usage") {
            try readUsage(&cursor)
        } else if cursor.text(name, is: "error") {
            try readError(&cursor)
        } else if isWhole, cursor.text(name, is: "output") {
            count(textBytes: try outputBytes(&cursor))
        } else {
            try cursor.skipValue()
        }
    }

    /// The bytes of text in what a model put out, however deep it is.
    private mutating func outputBytes(_ cursor: inout JSONCursor) throws(JSONFault) -> Int {
        var sum = 0
        switch cursor.current {
        case UInt8(ascii: "["):
            try cursor.elements { (cursor) throws(JSONFault) in
                sum += try outputBytes(&cursor)
            }
        case UInt8(ascii: "{"):
            try cursor.members { (cursor, name) throws(JSONFault) in
                let isText =
                    cursor.text(name, is: "text") || cursor.text(name, is: "arguments")
                    || cursor.text(name, is: "refusal")
                sum += isText ? try text(&cursor) : try outputBytes(&cursor)
            }
        default: try cursor.skipValue()
        }
        return sum
    }
}

extension JSONCursor {
    /// Whether a type of event is `response.*.delta`.
    fileprivate func isDelta(_ type: JSONText) -> Bool {
        if type.hasEscapes {
            let name = string(of: type)
            return name.hasPrefix("response.") && name.hasSuffix(".delta")
        }
        let name = UnsafeRawBufferPointer(start: bytes + type.start, count: type.end - type.start)
        return name.starts(with: "response.".utf8)
            && name.reversed().starts(with: ".delta".utf8.reversed())
    }

    fileprivate func ending(_ type: JSONText) -> Answer.Ending? {
        if text(type, is: "response.completed") { return .completed }
        if text(type, is: "response.incomplete") { return .incomplete }
        if text(type, is: "response.failed") { return .failed }
        return nil
    }
}
