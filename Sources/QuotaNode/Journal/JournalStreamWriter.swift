package import QuotaLedger
package import UsageJournal

/// The number of a name in a segment.
struct NumberedName: Sendable {
    /// -1 while nothing is known.
    var segment: Int64 = -1
    var number: UInt32 = 0
}

/// Writes entries to one stream of a journal; its owner sees to it that only one writes at a time.
package struct JournalStreamWriter: Sendable {
    private let holder: Holder
    let stream: Int
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
        try mend(journal)
        var position = journal.end(of: stream)
        for draft in JournalCodec.drafts(of: entry, holder: holder) {
            do throws(JournalError) { position = try write(draft, to: journal) } catch {
                isTorn = true
                throw error
            }
        }
        mark(position)
        return position
    }

    /// Writes a record of use that is an entry by itself, or a part of one.
    ///
    /// - Parameters:
    ///   - record: the record, without the number of its name.
    ///   - numbered: the number of its name as it was last time.
    ///   - name: the name; asked for when the segment is another one.
    ///   - isFirst: whether the entry begins with it.
    ///   - isLast: whether the entry ends with it.
    ///   - journal: where.
    /// - Returns: the position of its end.
    /// - Throws: what the journal throws; then nobody will ever read a part of the entry.
    @inline(__always)
    mutating func write(
        _ record: JournalRecord,
        _ numbered: inout NumberedName,
        _ name: () -> JournalName?,
        isFirst: Bool,
        isLast: Bool,
        to journal: UsageJournal
    ) throws(JournalError) -> JournalPosition {
        if isTorn { try mend(journal) }
        var record = record
        record.name = numbered.number
        if !isLast { record.flags |= JournalCodec.Flag.continues }
        do throws(JournalError) {
            let quick =
                numbered.segment < 0
                ? nil : try journal.append(record, to: stream, within: numbered.segment)
            let position =
                if let quick { quick } else { try write(record, &numbered, name(), to: journal) }
            if isLast { mark(position) }
            return position
        } catch {
            isTorn = !isFirst
            throw error
        }
    }

    /// Writes a record whose name has no number in the segment.
    @inline(never)
    private mutating func write(
        _ record: JournalRecord,
        _ numbered: inout NumberedName,
        _ name: JournalName?,
        to journal: UsageJournal
    ) throws(JournalError) -> JournalPosition {
        guard let name else { throw JournalError(.broken, "use without a name") }
        while true {
            var record = record
            record.name = try number(of: name, in: journal)
            numbered = NumberedName(segment: segment, number: record.name)
            let position = try journal.append(record, to: stream, within: segment)
            if let position { return position }
        }
    }

    /// Says of records that were left in the middle of an entry that they are none.
    @inline(never)
    private mutating func mend(_ journal: UsageJournal) throws(JournalError) {
        guard isTorn else { return }
        let mark = JournalRecord(kind: JournalCodec.Kind.torn.rawValue)
        _ = try write(JournalCodec.Draft(record: mark), to: journal)
        isTorn = false
    }

    @inline(__always)
    private mutating func mark(_ position: JournalPosition) {
        entriesSinceMark += 1
        if entriesSinceMark == Self.entriesBetweenMarks {
            marks.append(position)
            entriesSinceMark = 0
        }
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
        while true {
            // In a new segment it is the first.
            let number = UInt32(names.count)
            let record = JournalRecord(kind: JournalCodec.Kind.name.rawValue, name: number)
            let position = try Self.append(
                record, name.bytes, to: journal, stream: stream, within: segment)
            if position != nil {
                names[name] = number
                return number
            }
            segment = journal.end(of: stream).segment
            names = [:]
        }
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
