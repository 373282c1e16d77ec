/// Why bytes are no JSON document, and where.
public struct JSONSyntaxError: Error, Sendable, Equatable {
    /// What kind of error this is; more may be added.
    public struct Code: Sendable, Hashable {
        private let rawValue: String

        /// The bytes do not follow the grammar of RFC 8259, or are no UTF-8.
        public static let malformed = Code(rawValue: "malformed")
        /// A member name appears twice in one object; ``JSONSyntaxError/pointer`` says which.
        public static let duplicateMember = Code(rawValue: "duplicate_member")
        /// Arrays and objects are nested too deeply.
        public static let tooDeep = Code(rawValue: "too_deep")
    }

    /// What kind of error this is.
    public let code: Code
    /// What is wrong, for people: `expected a value, found ']'`.
    public let message: String
    /// The byte at which it was noticed, from 0.
    public let offset: Int
    /// The line of that byte, from 1.
    public let line: Int
    /// The character (Unicode scalar) in that line, from 1.
    public let column: Int
    /// The JSON pointer of a member that appears twice; nil for every other error.
    public let pointer: JSONPointer?

    init(_ failure: JSONFailure, in bytes: UnsafeBufferPointer<UInt8>) {
        code = failure.code
        message = failure.message
        offset = failure.offset
        pointer = failure.reversedPath.map { path in
            path.reversed().reduce(JSONPointer.root) { $0.member($1) }
        }
        var line = 1
        var column = 1
        for byte in bytes.prefix(failure.offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0b1100_0000 != 0b1000_0000 {
                // Continuation bytes belong to the character before them.
                column += 1
            }
        }
        self.line = line
        self.column = column
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    /// `line 1, column 7: expected a value, found ']'`.
    public var description: String {
        "line \(line), column \(column): \(message)"
    }
}
