/// What a line of RESP announces.
enum RESPToken {
    /// A bulk of bytes, which follow the line.
    enum Bulk {
        case string
        case error
        case verbatim
    }

    /// A value whose elements follow.
    enum Aggregate {
        case array
        case set
        case map
        case push
        /// What is said about the value that follows; it is read and dropped.
        case attribute

        /// How many values an element of it is.
        var width: Int {
            switch self {
            case .map, .attribute: 2
            case .array, .set, .push: 1
            }
        }

        /// The value that its elements make; nil for an attribute.
        func value(_ items: [RESPValue]) -> RESPValue? {
            switch self {
            case .array: .array(items)
            case .set: .set(items)
            case .push: .push(items)
            case .map:
                .map(
                    stride(from: 0, to: items.count - 1, by: 2)
                        .map { RESPMapEntry(items[$0], items[$0 + 1]) })
            case .attribute: nil
            }
        }
    }

    case value(RESPValue)
    case bulk(Bulk, length: Int)
    case aggregate(Aggregate, count: Int)

    /// Reads a line, without its end.
    init(type: UInt8, _ line: UnsafeRawBufferPointer) throws(RESPProtocolError) {
        switch type {
        case UInt8(ascii: "+"): self = .value(.simple(Self.text(line)))
        case UInt8(ascii: "-"): self = .value(.error(RESPErrorReply(line: Self.text(line))))
        case UInt8(ascii: ":"):
            guard let value = RESPText.integer(line) else {
                throw RESPProtocolError("an integer is not one of 64 bits")
            }
            self = .value(.integer(value))
        case UInt8(ascii: "$"):
            self = try Self.length(line).map { .bulk(.string, length: $0) } ?? .value(.null)
        case UInt8(ascii: "*"):
            self = try Self.length(line).map { .aggregate(.array, count: $0) } ?? .value(.null)
        default: try self.init(three: type, line)
        }
    }

    /// Reads a line of a type that only RESP3 has.
    private init(three type: UInt8, _ line: UnsafeRawBufferPointer) throws(RESPProtocolError) {
        switch type {
        case UInt8(ascii: "_"):
            guard line.isEmpty else { throw RESPProtocolError("a null has a value") }
            self = .value(.null)
        case UInt8(ascii: "#"):
            switch Self.text(line) {
            case "t": self = .value(.boolean(true))
            case "f": self = .value(.boolean(false))
            default: throw RESPProtocolError("a boolean is neither t nor f")
            }
        case UInt8(ascii: ","):
            guard let value = RESPText.double(Self.text(line)) else {
                throw RESPProtocolError("a double is not a number")
            }
            self = .value(.double(value))
        case UInt8(ascii: "("):
            guard RESPText.isBigNumber(line) else {
                throw RESPProtocolError("a big number has other characters than digits")
            }
            self = .value(.bigNumber(Self.text(line)))
        case UInt8(ascii: "!"): self = .bulk(.error, length: try Self.present(line))
        case UInt8(ascii: "="): self = .bulk(.verbatim, length: try Self.present(line))
        case UInt8(ascii: "~"): self = .aggregate(.set, count: try Self.present(line))
        case UInt8(ascii: "%"): self = .aggregate(.map, count: try Self.present(line))
        case UInt8(ascii: ">"): self = .aggregate(.push, count: try Self.present(line))
        case UInt8(ascii: "|"): self = .aggregate(.attribute, count: try Self.present(line))
        case UInt8(ascii: ";"), UInt8(ascii: "."):
            throw RESPProtocolError("a part of a streamed value came, which is not supported")
        default:
            throw RESPProtocolError("no value begins with byte \(type)")
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// A length; nil for RESP2's -1, which means null.
    private static func length(_ line: UnsafeRawBufferPointer) throws(RESPProtocolError) -> Int? {
        if line.count == 1, line[0] == UInt8(ascii: "?") {
            throw RESPProtocolError("a streamed value came, which is not supported")
        }
        guard let length = RESPText.integer(line), length >= -1 else {
            throw RESPProtocolError("a length is not a number of at least 0")
        }
        return length < 0 ? nil : Int(length)
    }

    /// A length that cannot be missing.
    private static func present(_ line: UnsafeRawBufferPointer) throws(RESPProtocolError) -> Int {
        guard let length = try length(line) else {
            throw RESPProtocolError("a length of -1 stands where RESP3 has no null")
        }
        return length
    }
}
