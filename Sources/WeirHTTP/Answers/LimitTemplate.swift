package import QuotaModel
package import StrictJSON

/// A limit as the API shows it, written once for all decisions that it takes part in.
///
/// Made by the same functions that write a ``LimitStatus``, so that both give the same bytes. A
/// class, because it is handed around far more often than made.
package final class LimitTemplate: Sendable {
    /// From the opening brace to the quantity.
    private let beginning: [UInt8]
    /// When the limit was last seen to be reset, which for a budget stays the same until then.
    private let resetAt: Timestamp?
    /// That instant, written.
    private let reset: [UInt8]
    /// Between the numbers and what follows from them.
    private let middle: [UInt8]
    /// From there to the closing brace.
    private let end: [UInt8]
    private let bounds: LimitBounds
    /// What the headers say of the limit; nil when it has no bound.
    let rateLimit: RateLimitTemplate?

    /// Keeps what other decisions will show of a limit as this one does.
    package init(_ status: LimitStatus) {
        var writer = JSONWriter()
        status.writeBeginning(to: &writer)
        let resetStart = writer.bytes.count
        LimitNumbers(status).writeReset(to: &writer)
        let middleStart = writer.bytes.count
        status.writeMiddle(to: &writer)
        let endStart = writer.bytes.count
        status.writeEnd(to: &writer)
        beginning = Array(writer.bytes[..<resetStart])
        resetAt = status.resetAt
        reset = Array(writer.bytes[resetStart..<middleStart])
        middle = Array(writer.bytes[middleStart..<endStart])
        end = Array(writer.bytes[endStart...])
        bounds = status.bounds
        rateLimit = RateLimitTemplate(status)
    }

    /// Writes the limit with its numbers of the moment, as an object.
    package func write(_ numbers: LimitNumbers, to writer: inout JSONWriter) {
        writer.raw(beginning)
        numbers.writeUse(to: &writer)
        if numbers.resetAt == resetAt {
            writer.piece(reset)
        } else {
            numbers.writeReset(to: &writer)
        }
        writer.piece(middle)
        bounds.writeMembers(used: numbers.used, to: &writer)
        writer.piece(end)
    }
}
