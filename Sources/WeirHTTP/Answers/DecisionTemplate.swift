import QuotaModel
import StrictJSON

/// An admitted decision as the API shows it, written once for all that differ in whose they are and
/// in their numbers.
///
///     let template = DecisionTemplate(decision)
///     writer.raw(upTo: template.maximumBytes(tenant, key)) { cursor in
///         template.put(tenant, key, asOf: now, &instants, to: &cursor) {
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
    /// What comes between the key and the instant.
    private let plan: TemplateText.Piece
    /// What comes after the limits.
    private let end: TemplateText.Piece
    /// The limits, in their order.
    let limits: [LimitTemplate]
    /// What the headers say of each limit; nil where it has no bound.
    let rateLimits: [RateLimitTemplate?]
    /// The most that is written beside tenant and key.
    private let maximumOwnBytes: Int

    /// Keeps what other admitted decisions will show as this one does.
    ///
    /// - Parameter decision: one of them; whose it is, its id, its instant and the numbers of its
    ///   limits do not count.
    init(_ decision: Decision) {
        var (text, writer) = (TemplateText(), JSONWriter())
        beginning = text.keep(after: &writer) { decision.writeBeginning(to: &$0) }
        writer.value("")
        plan = text.keep(after: &writer) { decision.writePlan(to: &$0) }
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
        let between = Self.maximumIDBytes + Timestamp.maximumDescriptionBytes + 64
        maximumOwnBytes = text.count + between + limits.count * LimitTemplate.maximumNumberBytes
    }

    /// The most that ``put(_:_:asOf:_:to:id:figures:)`` writes for a tenant and key.
    @inline(__always)
    func maximumBytes(_ tenant: TenantID, _ key: APIKeyID?) -> Int {
        maximumOwnBytes + ByteCursor.maximumBytes(ofString: tenant.text.utf8.count)
            + ByteCursor.maximumBytes(ofString: key?.text.utf8.count ?? 0)
    }

    /// Writes a decision without the braces around it, and without a comma before it.
    ///
    /// - Parameters:
    ///   - tenant: whose it is.
    ///   - key: the key that asked; nil for none.
    ///   - asOf: the instant of the figures.
    ///   - instants: where instants were written before; the next one may be the same.
    ///   - cursor: where it is written, with room for ``maximumBytes(_:_:)``.
    ///   - id: writes the decision's id, ASCII of at most ``maximumIDBytes`` that needs no escapes,
    ///     and says how many bytes it has.
    ///   - figures: the figures of the limit at a place in ``limits``.
    @inline(__always)
    func put(
        _ tenant: TenantID,
        _ key: APIKeyID?,
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
            cursor.put(#"","tenant":"#)
            cursor.put(string: tenant.text)
            cursor.put(#","key":"#)
            if let key { cursor.put(string: key.text) } else { cursor.put("null") }
            cursor.put(plan, of: text)
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
