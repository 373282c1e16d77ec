package import QuotaModel
package import StrictJSON

/// An admitted decision as the API shows it, written once for all that differ in their numbers.
///
///     let template = DecisionTemplate(decision)
///     writer.object { writer in
///         template.writeMembers(id: "d_1", asOf: now, to: &writer) { index in numbers[index] }
///     }
///
/// Made by the same functions that write a ``Decision``, so that both give the same bytes. A class,
/// because it is handed around far more often than made.
package final class DecisionTemplate: Sendable {
    /// `allowed` and `enforced`.
    private let beginning: [UInt8]
    /// `tenant`, `key` and `plan`.
    private let subject: [UInt8]
    /// `denied_by` and `warnings`.
    private let end: [UInt8]
    /// The warnings that other decisions have too.
    private let warnings: [String]
    /// The limits, in their order.
    package let limits: [LimitTemplate]

    /// Keeps what other admitted decisions will show as this one does.
    ///
    /// - Parameters:
    ///   - decision: one of them; its id, its instant and the numbers of its limits do not count.
    ///   - warnings: the warnings that all of them have.
    package init(_ decision: Decision, warnings: [String] = []) {
        var writer = JSONWriter()
        decision.writeBeginning(to: &writer)
        beginning = writer.bytes
        let subjectStart = writer.bytes.count
        decision.writeSubject(to: &writer)
        let endStart = writer.bytes.count
        writer.null("denied_by")
        Decision.writeWarnings(warnings, to: &writer)
        subject = Array(writer.bytes[subjectStart..<endStart])
        end = Array(writer.bytes[endStart...])
        self.warnings = warnings
        limits = decision.limits.map { LimitTemplate($0) }
    }

    /// Writes a decision without the braces around it.
    ///
    /// - Parameters:
    ///   - id: the decision's id.
    ///   - asOf: the instant of the numbers.
    ///   - more: warnings of this decision alone; they come after the others.
    ///   - writer: where it is written.
    ///   - numbers: the numbers of the limit at a place in ``limits``.
    @inlinable
    package func writeMembers(
        id: String,
        asOf: Timestamp,
        warnings more: [String] = [],
        to writer: inout JSONWriter,
        numbers: (Int) -> LimitNumbers
    ) {
        writeBeginning(id: id, asOf: asOf, to: &writer)
        for (index, limit) in limits.enumerated() { limit.write(numbers(index), to: &writer) }
        writeEnd(warnings: more, to: &writer)
    }

    @usableFromInline
    func writeBeginning(id: String, asOf: Timestamp, to writer: inout JSONWriter) {
        writer.raw(beginning)
        Decision.writeID(id, to: &writer)
        writer.piece(subject)
        Decision.writeInstant(asOf, to: &writer)
        writer.name("limits")
        writer.beginArray()
    }

    @usableFromInline
    func writeEnd(warnings more: [String], to writer: inout JSONWriter) {
        writer.endArray()
        if more.isEmpty { return writer.piece(end) }
        writer.null("denied_by")
        Decision.writeWarnings(warnings + more, to: &writer)
    }
}
