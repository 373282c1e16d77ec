public import NIOCore

/// Reads values of RESP2 and RESP3 from bytes that come in pieces of any size.
///
/// Give it what was read with ``append(_:)`` and take values with ``next()`` until there is none.
/// Each byte is looked at once, however the pieces are cut; aggregates are kept on a stack of our
/// own, so that no input makes it recurse. After an error it stays failed.
public struct RESPParser: Sendable {
    /// An aggregate that is not complete.
    private struct Frame {
        let kind: RESPToken.Aggregate
        /// How many values are still to come; at least 1.
        var missing: Int
        var items: [RESPValue]
    }

    /// Elements for which room is made at once; what a server merely declares takes no memory.
    private static let reservedElements = 256
    /// A line's type and its end.
    private static let lineFrame = 3

    /// What a reply may have.
    public let limits: RESPLimits

    private var buffer = ByteBuffer()
    /// How many unread bytes are known to hold no line end.
    private var searched = 0
    /// The bulk whose line was read and whose bytes are awaited.
    private var bulk: (kind: RESPToken.Bulk, length: Int)?
    private var frames: [Frame] = []
    /// How many elements were declared in the reply that is being read.
    private var elements = 0
    private var failure: RESPProtocolError?

    /// Creates a parser.
    public init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Whether nothing of a value has come yet.
    public var isBetweenValues: Bool {
        buffer.readableBytes == 0 && bulk == nil && frames.isEmpty
    }

    /// Takes bytes that were read.
    public mutating func append(_ bytes: ByteBuffer) {
        guard failure == nil else { return }
        if buffer.readableBytes == 0 {
            buffer = bytes
            return
        }
        if buffer.readerIndex >= buffer.readableBytes {
            // Values may hold slices of the old bytes, and then a write copies all of what it is
            // given: only the rest is given, which is no more than was read since the last time.
            buffer = buffer.slice()
        }
        buffer.writeImmutableBuffer(bytes)
    }

    /// The next whole value.
    ///
    /// - Returns: A value, or nil when more bytes are needed.
    /// - Throws: What is wrong; the same again at every later call.
    public mutating func next() throws(RESPProtocolError) -> RESPValue? {
        if let failure { throw failure }
        do {
            while let token = try token() {
                if let value = try take(token) { return value }
            }
            return nil
        } catch {
            failure = error
            buffer = ByteBuffer()
            frames = []
            throw error
        }
    }

    /// Reads a line, or the bytes of the bulk that was announced.
    private mutating func token() throws(RESPProtocolError) -> RESPToken? {
        if let bulk {
            guard let value = try bytes(of: bulk.kind, length: bulk.length) else { return nil }
            self.bulk = nil
            return .value(value)
        }
        guard let end = try endOfLine() else { return nil }
        let token = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(RESPProtocolError) in
                try RESPToken(
                    type: bytes[0], UnsafeRawBufferPointer(rebasing: bytes[1..<end]))
            }
        }
        buffer.moveReaderIndex(forwardBy: end + 2)
        searched = 0
        return try token.get()
    }

    /// Where the first line ends, as the offset of its carriage return.
    private mutating func endOfLine() throws(RESPProtocolError) -> Int? {
        let feed = buffer.withUnsafeReadableBytes { bytes in
            var at = searched
            while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
            return at
        }
        guard feed < limits.lineBytes + Self.lineFrame else {
            throw RESPProtocolError("a line has more than \(limits.lineBytes) bytes")
        }
        guard feed < buffer.readableBytes else {
            searched = feed
            return nil
        }
        let start = buffer.readerIndex
        guard feed >= 2, buffer.getInteger(at: start + feed - 1) == UInt8(ascii: "\r") else {
            throw RESPProtocolError("a line does not end with a carriage return and a line feed")
        }
        return feed - 1
    }

    private mutating func bytes(
        of kind: RESPToken.Bulk, length: Int
    ) throws(RESPProtocolError) -> RESPValue? {
        guard buffer.readableBytes - 2 >= length else { return nil }
        guard var bytes = buffer.readSlice(length: length),
            buffer.readInteger(as: UInt16.self) == 0x0D0A
        else {
            throw RESPProtocolError("a bulk string is longer than was declared")
        }
        switch kind {
        case .string: return .bulk(bytes)
        case .error: return .error(RESPErrorReply(line: String(buffer: bytes)))
        case .verbatim:
            guard let format = bytes.readString(length: 3),
                bytes.readInteger() == UInt8(ascii: ":")
            else { throw RESPProtocolError("a verbatim string does not begin with its format") }
            return .verbatim(RESPVerbatim(format: format, text: bytes.slice()))
        }
    }

    /// Puts a token in its place; gives the value that it completes.
    private mutating func take(_ token: RESPToken) throws(RESPProtocolError) -> RESPValue? {
        switch token {
        case .value(let value): return close(with: value)
        case .bulk(let kind, let length):
            guard length <= limits.bulkBytes else {
                throw RESPProtocolError(
                    "a bulk string of \(length) bytes; the most is \(limits.bulkBytes)")
            }
            bulk = (kind, length)
            return nil
        case .aggregate(let kind, let count): return try open(kind, count: count)
        }
    }

    private mutating func open(
        _ kind: RESPToken.Aggregate, count: Int
    ) throws(RESPProtocolError) -> RESPValue? {
        if kind == .push, !frames.isEmpty {
            throw RESPProtocolError("a push message within another value")
        }
        // In halves, so that no count is too large to be doubled.
        guard count <= (limits.elements - elements) / kind.width else {
            throw RESPProtocolError("a reply has more than \(limits.elements) elements")
        }
        guard count > 0 else {
            guard let empty = kind.value([]) else { return nil }
            return close(with: empty)
        }
        guard frames.count < limits.depth else {
            throw RESPProtocolError("more than \(limits.depth) aggregates within one another")
        }
        let missing = count * kind.width
        elements += missing
        var items: [RESPValue] = []
        items.reserveCapacity(min(missing, Self.reservedElements))
        frames.append(Frame(kind: kind, missing: missing, items: items))
        return nil
    }

    /// Adds a value to the innermost aggregate, and closes those that it completes.
    private mutating func close(with value: RESPValue) -> RESPValue? {
        var value = value
        while let top = frames.indices.last {
            if frames[top].kind != .attribute { frames[top].items.append(value) }
            frames[top].missing -= 1
            guard frames[top].missing == 0 else { return nil }
            let frame = frames.removeLast()
            // What an attribute speaks of comes next, in the place where the attribute stood.
            guard let whole = frame.kind.value(frame.items) else { return nil }
            value = whole
        }
        elements = 0
        return value
    }
}
