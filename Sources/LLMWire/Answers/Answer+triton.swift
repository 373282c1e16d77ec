extension Answer {
    /// What Triton's generate and infer answer, or an event of a stream.
    mutating func readTriton(_ cursor: inout JSONCursor) throws(JSONFault) {
        try cursor.document { (cursor, name) throws(JSONFault) in
            if cursor.text(name, is: "text_output") {
                count(textBytes: try text(&cursor))
            } else if cursor.text(name, is: "error") {
                try readError(&cursor)
            } else if cursor.text(name, is: "outputs") {
                try readOutputs(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
    }

    /// The texts in tensors; their numbers are no text.
    private mutating func readOutputs(_ cursor: inout JSONCursor) throws(JSONFault) {
        guard cursor.current == UInt8(ascii: "[") else { return try cursor.skipValue() }
        try cursor.elements { (cursor) throws(JSONFault) in
            guard cursor.current == UInt8(ascii: "{") else { return try cursor.skipValue() }
            try cursor.members { (cursor, name) throws(JSONFault) in
                guard cursor.text(name, is: "data") else { return try cursor.skipValue() }
                count(textBytes: try tensorBytes(&cursor))
            }
        }
    }

    private mutating func tensorBytes(_ cursor: inout JSONCursor) throws(JSONFault) -> Int {
        if cursor.current == UInt8(ascii: "\"") { return try text(&cursor) }
        guard cursor.current == UInt8(ascii: "[") else {
            try cursor.skipValue()
            return 0
        }
        var sum = 0
        try cursor.elements { (cursor) throws(JSONFault) in sum += try tensorBytes(&cursor) }
        return sum
    }
}
