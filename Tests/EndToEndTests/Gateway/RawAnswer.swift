import StrictJSON

/// One answer out of what came over a connection, read as a strict client reads it.
struct RawAnswer: Sendable {
    let status: Int
    /// Names in small letters.
    let fields: [(name: String, value: String)]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The first field of a name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The body's error, if it is one as OpenAI's clients read it: all four members are there.
    var error: JSONValue? {
        guard let error = try? JSONValue(parsing: body)["error"],
            error["message"]?.stringValue?.isEmpty == false, error["type"]?.stringValue != nil,
            error["param"] != nil, error["code"] != nil
        else { return nil }
        return error
    }

    /// The answers that are whole, one after the other; those of status 1xx are passed over.
    static func all(in bytes: [UInt8]) -> [RawAnswer] {
        var rest = bytes[...]
        var answers: [RawAnswer] = []
        while let answer = RawAnswer(takenFrom: &rest) {
            if answer.status >= 200 { answers.append(answer) }
        }
        return answers
    }

    private static let lineEnd = Array("\r\n".utf8)

    private init?(takenFrom rest: inout ArraySlice<UInt8>) {
        guard let end = rest.firstRange(of: Self.lineEnd + Self.lineEnd) else { return nil }
        let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1."),
            let status = Int(first.dropFirst(9).prefix(3))
        else { return nil }
        self.status = status
        fields = lines.dropFirst()
            .map { line in
                let parts = line.split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (
                    parts[0].lowercased(), parts.count > 1 ? String(parts[1].dropFirst()) : ""
                )
            }
        var body = rest[end.upperBound...]
        let length = fields.first { $0.name == "content-length" }.flatMap { Int($0.value) }
        if fields.contains(where: { $0.name == "transfer-encoding" && $0.value == "chunked" }) {
            guard let chunks = Self.chunks(takenFrom: &body) else { return nil }
            self.body = chunks
        } else if let length {
            guard length >= 0, length <= body.count else { return nil }
            self.body = Array(body.prefix(length))
            body = body.dropFirst(length)
        } else if status < 200 || status == 204 {
            self.body = []
        } else {
            // Its end is that of the connection.
            self.body = Array(body)
            body = []
        }
        rest = body
    }

    /// The content of all chunks; the trailers are passed over.
    private static func chunks(takenFrom rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var content: [UInt8] = []
        while let end = rest.firstRange(of: lineEnd) {
            guard
                let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16)
            else { return nil }
            rest = rest[end.upperBound...]
            guard size > 0 else {
                while let end = rest.firstRange(of: lineEnd) {
                    let isLast = end.lowerBound == rest.startIndex
                    rest = rest[end.upperBound...]
                    if isLast { return content }
                }
                return nil
            }
            guard rest.count >= size + 2 else { return nil }
            content += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return nil
    }
}
