/// An event of which only one string of text changes from one event to the next.
///
/// Nearly all events of a stream differ in their text alone. Everything before the text is the same
/// bytes, so a reader would be in the same state there; then comes a string, and behind it the same
/// bytes again: the event says what the one before it said, but for how long its text is. Nothing
/// is guessed: when a byte differs, the event is read from its start.
struct EventTemplate: Sendable {
    /// The longest event that is kept.
    private static let maximumBytes = 1024
    /// After so many in a row that fitted nothing, none is kept any more: such a stream changes
    /// more than its text.
    private static let maximumMisses = 8

    private var bytes: [UInt8] = []
    /// The text, without its quotes.
    private var text = 0..<0
    private var misses = 0

    /// Keeps an event that says nothing but its one `text`.
    mutating func learn(_ event: UnsafeRawBufferPointer, text: Range<Int>) {
        guard event.count <= Self.maximumBytes, misses < Self.maximumMisses else { return }
        misses += 1
        bytes.removeAll(keepingCapacity: true)
        guard misses < Self.maximumMisses else { return }
        bytes.append(contentsOf: event)
        self.text = text
    }

    /// The end of the event at `start`, and how many bytes of text it has; nil when it does not
    /// fit, or is not whole.
    @inline(__always)
    mutating func match(
        _ input: UnsafeRawPointer,
        from start: Int,
        to count: Int
    ) -> (end: Int, textBytes: Int)? {
        let (kept, text) = (bytes.count, text)
        guard kept > 0, count - start >= kept - text.count else { return nil }
        let found: (end: Int, textBytes: Int)? = bytes.withUnsafeBytes { template in
            guard let template = template.baseAddress,
                ByteSearch.areEqual(template, input + start, text.lowerBound)
            else { return nil }
            // At the opening quote, which is the last byte of what is the same.
            var cursor = JSONCursor(input, count: count)
            cursor.offset = start + text.lowerBound - 1
            guard let string = cursor.validString() else { return nil }
            let rest = kept - text.upperBound
            guard count - string.end >= rest,
                ByteSearch.areEqual(template + text.upperBound, input + string.end, rest)
            else { return nil }
            return (string.end + rest, string.byteCount)
        }
        if found != nil { misses = 0 }
        return found
    }
}

extension JSONCursor {
    /// A string of UTF-8 from a document that has not been looked at; nil when it is none.
    @inline(__always)
    fileprivate mutating func validString() -> JSONText? {
        do throws(JSONFault) {
            let text = try string()
            return UTF8Check.firstFault(bytes, from: text.start, to: text.end) == nil ? text : nil
        } catch {
            return nil
        }
    }
}
