/// An error as a Redis server states it.
public struct RESPErrorReply: Sendable, Hashable, CustomStringConvertible {
    /// The first word of an error, in capitals; others than those named here exist.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The word, or nothing where an error does not begin with one in capitals.
        public let rawValue: String

        /// Creates a code from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// The first word.
    public let code: Code
    /// What follows the first word; the whole text where it does not begin with a code.
    public let message: String

    /// Creates an error.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Reads an error from its line, without the leading `-`.
    public init(line: String) {
        let word = line.prefix { $0 != " " }
        let isCode =
            !word.isEmpty
            && word.utf8.allSatisfy {
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
        guard isCode else {
            self.init(code: Code(rawValue: ""), message: line)
            return
        }
        let rest = line[word.endIndex...].drop { $0 == " " }
        self.init(code: Code(rawValue: String(word)), message: String(rest))
    }

    /// The line, without the leading `-`.
    public var description: String {
        code.rawValue.isEmpty
            ? message : message.isEmpty ? code.rawValue : "\(code.rawValue) \(message)"
    }
}
