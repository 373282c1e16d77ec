/// Splits a stream of server-sent events, as the HTML standard, section 9.2.6, has them.
///
/// It is told the bytes as they arrive, and keeps what is not yet a whole event.
package struct ServerSentEvents: Sendable {
    /// One event that has data.
    package struct Event: Equatable, Sendable {
        /// Where a client goes on after it; empty where the stream has not said.
        package var id: String
        /// Its type; empty where it is a message.
        package var name: String
        /// Its data; lines are joined with line feeds.
        package var data: String

        /// Creates an event.
        package init(id: String = "", name: String = "", data: String = "") {
            self.id = id
            self.name = name
            self.data = data
        }
    }

    /// The stream has an event that is larger than any of ours.
    package struct TooLarge: Error {}

    /// The most bytes of one line, and of the data of one event.
    private static let maximumBytes = 1_024 * 1_024

    private var line: [UInt8] = []
    /// The event whose end is not there yet.
    private var event = Event()
    /// Whether it has a line of data, be it empty.
    private var hasData = false
    /// Whether the last byte was a carriage return, whose line feed ends no line of its own.
    private var isBehindReturn = false

    /// Creates a splitter at the beginning of a stream.
    package init() {}

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: the bytes; an event may be cut anywhere.
    /// - Returns: the events that they complete.
    /// - Throws: ``TooLarge``.
    package mutating func take(_ bytes: [UInt8]) throws(TooLarge) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            let isSecondHalf = isBehindReturn && byte == UInt8(ascii: "\n")
            isBehindReturn = byte == UInt8(ascii: "\r")
            if isSecondHalf { continue }
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                guard line.count < Self.maximumBytes else { throw TooLarge() }
                line.append(byte)
                continue
            }
            if let event = try endLine() { events.append(event) }
        }
        return events
    }

    /// Reads a line; the blank one ends an event.
    private mutating func endLine() throws(TooLarge) -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        if line.isEmpty {
            defer { (event, hasData) = (Event(id: event.id), false) }
            return hasData ? event : nil
        }
        let parts = line.split(
            separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count == 2 ? parts[1] : []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: parts[0], as: UTF8.self) {
        case "id": event.id = text
        case "event": event.name = text
        case "data":
            event.data += hasData ? "\n" + text : text
            hasData = true
            guard event.data.utf8.count <= Self.maximumBytes else { throw TooLarge() }
        default: break  // A comment, which has no name, or what a later version says.
        }
        return nil
    }
}
