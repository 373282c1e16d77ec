import QuotaModel
import StrictJSON

/// A limit as the API shows it, written once for all decisions that it takes part in.
///
/// Made by the same functions that write a ``LimitStatus``, so that both give the same bytes.
struct LimitTemplate: Sendable {
    /// The most that the numbers between the pieces take.
    static let maximumNumberBytes =
        4 + LimitFigures.maximumUseBytes + LimitFigures.maximumResetBytes + LimitBounds.maximumBytes

    /// From the opening brace to the quantity.
    private let beginning: TemplateText.Piece
    /// When the limit was last seen to be reset, which for a budget stays the same until then.
    private let resetAt: Timestamp?
    /// That instant, written, with what follows it up to the next number.
    private let reset: TemplateText.Piece
    /// The same without the instant.
    private let middle: TemplateText.Piece
    /// From there to the closing brace.
    private let end: TemplateText.Piece
    private let bounds: LimitBounds
    private let hasWarning: Bool

    /// Keeps what other decisions will show of a limit as this one does.
    init(_ status: LimitStatus, _ text: inout TemplateText, after writer: inout JSONWriter) {
        let figures = LimitFigures(status)
        beginning = text.keep(after: &writer) { status.writeBeginning(to: &$0) }
        reset = text.keep(after: &writer) { writer in
            writer.raw(upTo: LimitFigures.maximumResetBytes) { figures.putReset(to: &$0) }
            status.writeMiddle(to: &writer)
        }
        middle = text.keep(after: &writer) { status.writeMiddle(to: &$0) }
        end = text.keep(after: &writer) { status.writeEnd(to: &$0) }
        resetAt = status.resetAt
        bounds = status.bounds
        hasWarning = status.warns
    }

    /// Whether figures are of this limit as it is: it allows the same.
    @inline(__always)
    func fits(_ figures: LimitFigures) -> Bool { figures.limit == bounds.limit }

    /// Whether there is something to warn of.
    @inline(__always)
    func warns(_ figures: LimitFigures) -> Bool {
        hasWarning && bounds.areApproached(by: figures.used)
    }

    /// Writes the limit with its figures of the moment, as an object.
    @inline(__always)
    func put(
        _ figures: LimitFigures,
        _ text: UnsafeBufferPointer<UInt8>,
        to cursor: inout ByteCursor
    ) {
        cursor.put(beginning, of: text)
        cursor.put(UInt8(ascii: ","))
        figures.putUse(to: &cursor)
        if figures.resetAt == resetAt {
            cursor.put(reset, of: text)
        } else {
            cursor.put(UInt8(ascii: ","))
            figures.putReset(to: &cursor)
            cursor.put(middle, of: text)
        }
        cursor.put(UInt8(ascii: ","))
        bounds.put(used: figures.used, to: &cursor)
        cursor.put(end, of: text)
    }
}
