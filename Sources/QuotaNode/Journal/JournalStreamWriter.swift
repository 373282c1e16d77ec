package import QuotaLedger
package import UsageJournal

/// Writes entries to one stream of a journal; its owner sees to it that only one writes at a time.
package struct JournalStreamWriter: Sendable {
    private let holder: Holder
    private let stream: Int
    /// The segment whose names these are.
    private var segment: Int64 = -1
    private var names: [JournalName: UInt32] = [:]
    /// Ends of entries, so far apart that what lies between can be folded at once.
    private var marks: [JournalPosition] = []
    private var entriesSinceMark = 0

    /// Whether the last entry was left in the middle.
    private var isTorn = false

    /// How many entries are folded at once.
    private static let entriesBetweenMarks = 8_192
    /// The most names of a segment that are remembered; more are written again.
    private static let maximumNames = 65_536

    /// Begins with no names.
    package init(holder: Holder, stream: Int) {
        self.holder = holder
        self.stream = stream
    }

    /// Writes an entry.
    ///
    /// - Parameters:
    ///   - entry: what is written.
    ///   - journal: where.
    /// - Returns: the position of its end.
    /// - Throws: what the journal throws; then nobody will ever read a part of it.
    package mutating func write(
        _ entry: JournalEntry,
        to journal: UsageJournal
    ) throws(JournalError) -> JournalPosition {
        var position = journal.end(of: stream)
        if isTorn {
            let mark = JournalRecord(kind: JournalCodec.Kind.torn.rawValue)
            position = try write(JournalCodec.Draft(record: mark), to: journal)
            isTorn = false
        }
        for draft in JournalCodec.drafts(of: entry, holder: holder) {
            do throws(JournalError) { position = try write(draft, to: journal) } catch {
                isTorn = true
                throw error
            }
        }
        entriesSinceMark += 1
        if entriesSinceMark == Self.entriesBetweenMarks {
            marks.append(position)
            entriesSinceMark = 0
        }
        return position
    }

    /// The end of an entry up to which can be folded next.
    ///
    /// - Parameters:
    ///   - journal: where it was written.
    ///   - position: what is folded.
    /// - Returns: the end of the last entry, or that of an earlier one where there are many.
    package mutating func end(
        of journal: UsageJournal,
        after position: JournalPosition
    ) -> JournalPosition {
        marks.removeAll { $0 <= position }
        return marks.first ?? journal.end(of: stream)
    }

    private mutating func write(
        _ draft: JournalCodec.Draft,
        to journal: UsageJournal
    ) throws(JournalError) -> JournalPosition {
        let bytes = draft.annex.bytes
        while true {
            var record = draft.record
            if let name = draft.name { record.name = try number(of: name, in: journal) }
            let segment = draft.name == nil ? journal.end(of: stream).segment : self.segment
            let position = try Self.append(
                record, bytes, to: journal, stream: stream, within: segment)
            if let position { return position }
        }
    }

    /// The number of a name in the current segment, where it is written when it is new.
    private mutating func number(
        of name: JournalName,
        in journal: UsageJournal
    ) throws(JournalError) -> UInt32 {
        let current = journal.end(of: stream).segment
        if current != segment || names.count >= Self.maximumNames {
            segment = current
            names = [:]
        }
        if let number = names[name] { return number }
        let number = UInt32(names.count)
        let record = JournalRecord(kind: JournalCodec.Kind.name.rawValue, name: number)
        while true {
            let position = try Self.append(
                record, name.bytes, to: journal, stream: stream, within: segment)
            if position != nil { break }
            // In a new segment it is the first; its number may be larger than needed.
            segment = journal.end(of: stream).segment
            names = [:]
        }
        names[name] = number
        return number
    }

    private static func append(
        _ record: JournalRecord,
        _ bytes: [UInt8],
        to journal: UsageJournal,
        stream: Int,
        within segment: Int64
    ) throws(JournalError) -> JournalPosition? {
        if bytes.isEmpty {
            return try journal.append(record, extension: nil, to: stream, within: segment)
        }
        var result: Result<JournalPosition?, JournalError> = .success(nil)
        bytes.withUnsafeBytes { bytes in
            result = Result { () throws(JournalError) in
                try journal.append(record, extension: bytes, to: stream, within: segment)
            }
        }
        return try result.get()
    }
}
