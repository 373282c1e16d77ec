import QuotaModel
import StrictJSON

/// An instant as the API shows it, to the millisecond; kept for the answers that show it again, as
/// those of a batch do.
struct WrittenInstant {
    private var instant: Timestamp?
    private var text = InlineArray<32, UInt8>(repeating: 0)
    private var count = 0

    /// Writes an instant as a string.
    @inline(__always)
    mutating func put(_ instant: Timestamp, to cursor: inout ByteCursor) {
        if self.instant != instant { write(instant) }
        cursor.put(UInt8(ascii: "\""))
        text.span.withUnsafeBufferPointer { text in
            cursor.put(UnsafeBufferPointer(rebasing: text[..<count]))
        }
        cursor.put(UInt8(ascii: "\""))
    }

    private mutating func write(_ instant: Timestamp) {
        self.instant = instant
        var text = text.mutableSpan
        count = text.withUnsafeMutableBufferPointer { text in
            text.baseAddress.map { instant.truncatedToMilliseconds.writeDescription(to: $0) } ?? 0
        }
    }
}
