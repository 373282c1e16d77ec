import QuotaModel
import StrictJSON

/// An admitted decision as the API shows it, written once for all that differ in their numbers.
///
///     let template = DecisionTemplate(decision)
///     writer.raw(upTo: template.maximumBytes) { cursor in
///         template.put(asOf: now, &instants, to: &cursor) {
///             id.write(to: $0)
///         } figures: {
///             figures[$0]
///         }
///     }
///
/// Made by the same functions that write a ``Decision``, so that both give the same bytes. A class,
/// because it is handed around far more often than made.
final class DecisionTemplate: Sendable {
    /// The longest id, in bytes.
    static let maximumIDBytes = 64

    private let text: TemplateText
    /// What comes before the id.
    private let beginning: TemplateText.Piece
    /// What comes between the id and the instant.
    private let subject: TemplateText.Piece
    /// What comes after the limits.
    private let end: TemplateText.Piece
    /// The limits, in their order.
    let limits: [LimitTemplate]
    /// What the headers say of each limit; nil where it has no bound.
    let rateLimits: [RateLimitTemplate?]
    /// The most that ``put(asOf:_:to:id:figures:)`` writes.
    let maximumBytes: Int

    /// Keeps what other admitted decisions will show as this one does.
    ///
    /// - Parameter decision: one of them; its id, its instant and the numbers of its limits do not
    ///   count.
    init(_ decision: Decision) {
        var (text, writer) = (TemplateText(), JSONWriter())
        beginning = text.keep(after: &writer) { decision.writeBeginning(to: &$0) }
        writer.value("")
        subject = text.keep(after: &writer) { decision.writeSubject(to: &$0) }
        writer.value("")
        var limits: [LimitTemplate] = []
        limits.reserveCapacity(decision.limits.count)
        for status in decision.limits {
            // Each begins like the first; the commas come when they are written.
            var writer = JSONWriter()
            limits.append(LimitTemplate(status, &text, after: &writer))
        }
        end = text.keep(after: &writer) { writer in
            writer.null("denied_by")
            writer.member("warnings", decision.warnings)
        }
        self.text = text
        self.limits = limits
        rateLimits = decision.limits.map { RateLimitTemplate($0) }
        let between = Self.maximumIDBytes + Timestamp.maximumDescriptionBytes + 32
        maximumBytes = text.count + between + limits.count * LimitTemplate.maximumNumberBytes
    }

    /// Writes a decision without the braces around it, and without a comma before it.
    ///
    /// - Parameters:
    ///   - asOf: the instant of the figures.
    ///   - instants: where instants were written before; the next one may be the same.
    ///   - cursor: where it is written, with room for ``maximumBytes``.
    ///   - id: writes the decision's id, ASCII of at most ``maximumIDBytes`` that needs no escapes,
    ///     and says how many bytes it has.
    ///   - figures: the figures of the limit at a place in ``limits``.
    @inline(__always)
    func put(
        asOf: Timestamp,
        _ instants: inout WrittenInstant,
        to cursor: inout ByteCursor,
        id: (UnsafeMutablePointer<UInt8>) -> Int,
        figures: (Int) -> LimitFigures
    ) {
        text.withBytes { text in
            cursor.put(beginning, of: text)
            cursor.put(UInt8(ascii: "\""))
            cursor.put(upTo: Self.maximumIDBytes, id)
            cursor.put(UInt8(ascii: "\""))
            cursor.put(subject, of: text)
            instants.put(asOf, to: &cursor)
            cursor.put(#","limits":["#)
            for index in limits.indices {
                if index > 0 { cursor.put(UInt8(ascii: ",")) }
                limits[index].put(figures(index), text, to: &cursor)
            }
            cursor.put(UInt8(ascii: "]"))
            cursor.put(end, of: text)
        }
    }
}
