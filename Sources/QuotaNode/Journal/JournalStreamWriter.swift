package import QuotaLedger
package import UsageJournal

/// The number of a name in a segment.
struct NumberedName: Sendable {
    /// -1 while nothing is known; a stream has fewer than 2^31.
    var segment: Int32 = -1
    var number: UInt32 = 0
}

/// Writes entries to one stream of a journal.
package struct JournalStreamWriter: ~Copyable, Sendable {
    private let holder: Holder
    let stream: Int
    private var appender: StreamAppender
    /// The segment whose names these are.
    private var segment: Int64 = -1
    private var names: [JournalName: UInt32] = [:]
    /// The number of the next new name of the segment.
    private var nextNumber: UInt32 = 0
    /// Ends of entries, so far apart that what lies between can be folded at once.
    private var marks: [JournalPosition] = []
    private var entriesSinceMark = 0

    /// Whether the last entry was left in the middle.
    private var isTorn = false

    /// How many entries are folded at once.
    private static let entriesBetweenMarks = 8_192
    /// The most names of a segment that are remembered; more are written again.
    private static let maximumNames = 4_096

    /// Begins with no names; nobody else writes to the stream.
    package init(holder: Holder, stream: Int, journal: UsageJournal) {
        self.holder = holder
        self.stream = stream
        appender = journal.takeAppender(of: stream)
        // So many lie between two folds at most, where the ledger keeps up.
        marks.reserveCapacity(64)
    }

    /// The end of the last record.
    var end: JournalPosition { appender.end }

    /// Lets nothing in any more: the journal is closed next.
    mutating func stop() { appender.stop() }

    /// Writes an entry.
    ///
    /// - Parameter entry: what is written.
    /// - Returns: the position of its end.
    /// - Throws: what the journal throws; then nobody will ever read a part of it.
    package mutating func write(_ entry: JournalEntry) throws(JournalError) -> JournalPosition {
        try mend()
        var position = end
        for draft in JournalCodec.drafts(of: entry, holder: holder) {
            do throws(JournalError) { position = try write(draft) } catch {
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
    ///   - name: the name's bytes; asked for when the segment is another one.
    ///   - isFirst: whether the entry begins with it.
    ///   - isLast: whether the entry ends with it.
    /// - Returns: the position of its end.
    /// - Throws: what the journal throws; then nobody will ever read a part of the entry.
    @inline(__always)
    mutating func write(
        _ record: JournalRecord,
        _ numbered: inout NumberedName,
        _ name: () -> [UInt8]?,
        isFirst: Bool,
        isLast: Bool
    ) throws(JournalError) -> JournalPosition {
        if isTorn { try mend() }
        var record = record
        record.name = numbered.number
        if !isLast { record.flags |= JournalCodec.Flag.continues }
        do throws(JournalError) {
            let quick =
                numbered.segment < 0
                ? nil
                : try appender.append(record, within: Int64(numbered.segment))
            let position =
                if let quick { quick } else { try write(record, &numbered, name()) }
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
        _ name: [UInt8]?
    ) throws(JournalError) -> JournalPosition {
        guard let name else { throw JournalError(.broken, "use without a name") }
        while true {
            var record = record
            turn()
            // Who keeps the number needs none to be found by its name.
            record.name = try add(name)
            numbered = NumberedName(segment: Int32(segment), number: record.name)
            if let position = try appender.append(record, within: segment) { return position }
        }
    }

    /// Says of records that were left in the middle of an entry that they are none.
    @inline(never)
    private mutating func mend() throws(JournalError) {
        guard isTorn else { return }
        let mark = JournalRecord(kind: JournalCodec.Kind.torn.rawValue)
        _ = try write(JournalCodec.Draft(record: mark))
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
    /// - Parameter position: what is folded.
    /// - Returns: the end of the last entry, or that of an earlier one where there are many.
    package mutating func end(after position: JournalPosition) -> JournalPosition {
        marks.removeAll { $0 <= position }
        return marks.first ?? end
    }

    private mutating func write(
        _ draft: JournalCodec.Draft
    ) throws(JournalError) -> JournalPosition {
        let bytes = draft.annex.bytes
        while true {
            var record = draft.record
            if let name = draft.name { record.name = try number(of: name) }
            let segment = draft.name == nil ? appender.segment : self.segment
            if let position = try append(record, bytes, within: segment) { return position }
        }
    }

    /// The number of a name in the current segment, where it is written when it is new.
    private mutating func number(of name: JournalName) throws(JournalError) -> UInt32 {
        turn()
        if let number = names[name] { return number }
        let number = try add(name.bytes)
        if names.count >= Self.maximumNames { names = [:] }
        names[name] = number
        return number
    }

    /// Forgets the names of a segment that is full.
    private mutating func turn() {
        let current = appender.segment
        if current == segment { return }
        (segment, names, nextNumber) = (current, [:], 0)
    }

    /// Writes a name into the current segment.
    ///
    /// - Returns: its number there.
    private mutating func add(_ bytes: [UInt8]) throws(JournalError) -> UInt32 {
        while true {
            let number = nextNumber
            let record = JournalRecord(kind: JournalCodec.Kind.name.rawValue, name: number)
            if try append(record, bytes, within: segment) != nil {
                nextNumber += 1
                return number
            }
            turn()
        }
    }

    private mutating func append(
        _ record: JournalRecord,
        _ bytes: [UInt8],
        within segment: Int64
    ) throws(JournalError) -> JournalPosition? {
        if bytes.isEmpty { return try appender.append(record, within: segment) }
        // The closure of a typed throw can't change what it does not own.
        let span = bytes.span
        return try span.withUnsafeBytes { bytes throws(JournalError) in
            try appender.append(record, extension: bytes, within: segment)
        }
    }
}
