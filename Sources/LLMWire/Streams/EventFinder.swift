/// Finds the end of an event: a blank line, with any of the three line ends.
///
/// Remembers how far it has looked, so that an event that comes a byte at a time is looked at once.
struct EventFinder: Sendable {
    /// Where the line starts in which we are, from the start of the event.
    private var lineStart = 0
    /// Where to look next, from the start of the event.
    private var next = 0

    /// Whether nothing of the event has been looked at.
    var isFresh: Bool { next == 0 }

    /// Where the event that begins at `start` ends, or nil when it goes on behind `count`.
    ///
    /// A carriage return at the very end ends the event; a line feed behind it is still its.
    mutating func end(of bytes: UnsafeRawPointer, from start: Int, to count: Int) -> Int? {
        var line = start + lineStart
        var at = start + next
        while true {
            at = ByteSearch.endOfLine(bytes, from: at, to: count)
            guard at < count else { break }
            let isBlank = at == line
            if ByteSearch.byte(bytes, at) == UInt8(ascii: "\n") {
                at += 1
            } else if at + 1 < count {
                at += ByteSearch.byte(bytes, at + 1) == UInt8(ascii: "\n") ? 2 : 1
            } else if isBlank {
                at += 1
            } else {
                // The next byte tells whether a line has ended here, or one and its line feed.
                break
            }
            if isBlank {
                self = EventFinder()
                return at
            }
            line = at
        }
        lineStart = line - start
        next = at - start
        return nil
    }
}
