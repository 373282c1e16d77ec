/// Decides what of a stream can be used, from its segments in their order.
///
/// The rules stand in `Documentation/journal-format.md`. It works over memory, one segment at a
/// time, and keeps what it found of each but no contents.
public struct StreamVerifier {
    private let stored: JournalPosition
    private let survivedInMemory: Bool
    private var header: SegmentHeader?
    private var segments: [VerifiedSegment] = []
    /// Whether records can be in later segments.
    private var goesOn = true
    private var isClean = false
    private var mark = JournalPosition.start

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - stored: the position before which everything has been taken over already.
    ///   - survivedInMemory: whether the machine has not been started anew since the stream was
    ///     written, so that nothing of it can be missing.
    public init(stored: JournalPosition = .start, survivedInMemory: Bool) {
        self.stored = stored
        self.survivedInMemory = survivedInMemory
    }

    /// Takes the next segment; the first is the one that the stored position lies in.
    ///
    /// - Parameters:
    ///   - segment: the whole segment, at an address that 8 divides.
    ///   - file: its name, for errors.
    /// - Throws: `damaged` or `unknown_format`, with the file and where it can be said the offset.
    public mutating func add(
        _ segment: UnsafeRawBufferPointer,
        file: String
    ) throws(JournalError) {
        do {
            let header = try SegmentHeader(decoding: segment)
            try check(header)
            self.header = header
            let boundary = header.number == stored.segment ? stored.offset : nil
            let survey = try SegmentSurvey(segment, boundary: boundary)
            if goesOn {
                try take(survey, of: header, file: file)
            } else {
                try drop(survey)
            }
        } catch {
            throw error.located(in: file)
        }
    }

    /// What was found.
    ///
    /// - Throws: `damaged` when the stored position's segment was not there.
    public func finish() throws(JournalError) -> VerifiedStream {
        guard let header, let last = segments.last else {
            throw .damaged("the journal ends before segment \(stored.segment), which is stored")
        }
        let isComplete = survivedInMemory || isClean
        return VerifiedStream(
            header: header, segments: segments, stored: stored,
            end: JournalPosition(segment: last.number, offset: last.recordsEnd),
            completeness: isComplete ? .complete : .toMark(max(mark, stored)))
    }

    private func check(_ next: SegmentHeader) throws(JournalError) {
        let number = header.map { $0.number + 1 } ?? stored.segment
        guard next.number == number else {
            throw .damaged("segment \(number) is missing before segment \(next.number)")
        }
        guard let header else { return }
        guard next.identity == header.identity, next.stream == header.stream,
            next.streamCount == header.streamCount
        else {
            throw .damaged(
                "the header is of another journal than that of the segment before", at: 0)
        }
    }

    private mutating func take(
        _ survey: SegmentSurvey,
        of header: SegmentHeader,
        file: String
    ) throws(JournalError) {
        try checkPrefix(survey, number: header.number)
        switch survey.stop {
        case .sealed:
            if let offset = survey.firstByte(behind: survey.end) {
                throw .damaged("something stands behind the end of the segment", at: offset)
            }
        case .blank, .damaged, .reached:
            try checkTail(survey)
            goesOn = false
        }
        isClean = survey.mark.isClean
        mark = JournalPosition(segment: header.number, offset: survey.mark.offset)
        segments.append(
            VerifiedSegment(number: header.number, file: file, recordsEnd: survey.recordsEnd))
    }

    /// Checks what is known to be on the disk: it must be there.
    private func checkPrefix(_ survey: SegmentSurvey, number: Int64) throws(JournalError) {
        let wasStored = number == stored.segment ? stored.offset : 0
        if survey.stop == .damaged, survivedInMemory || survey.recordsEnd < survey.mark.offset {
            throw .damaged("a record does not match its hash", at: survey.recordsEnd)
        }
        guard survey.end >= survey.mark.offset else {
            let message = "the records end here, and were synced to \(survey.mark.offset)"
            throw .damaged(message, at: survey.recordsEnd)
        }
        guard survey.recordsEnd >= wasStored else {
            let message = "the records end here, and the ledger holds them to \(wasStored)"
            throw .damaged(message, at: survey.recordsEnd)
        }
        guard survey.meetsBoundary else {
            throw .damaged("no record ends at the stored position", at: wasStored)
        }
    }

    /// Checks what stands behind the last record of a stream.
    private func checkTail(_ survey: SegmentSurvey) throws(JournalError) {
        if survey.mark.isClean {
            if survey.mark.offset != survey.recordsEnd {
                throw .damaged(
                    "a record follows the end of a closed stream", at: survey.mark.offset)
            }
            if let offset = survey.firstByte(behind: survey.recordsEnd) {
                throw .damaged("something follows the end of a closed stream", at: offset)
            }
        }
        if survivedInMemory, let offset = survey.firstTrace() {
            throw .damaged("something stands behind a record that was never finished", at: offset)
        }
    }

    /// Checks a segment behind the last record: what stands there is not used.
    private func drop(_ survey: SegmentSurvey) throws(JournalError) {
        if survivedInMemory || isClean {
            guard survey.isUntouched else {
                throw .damaged(
                    "records follow, and the segment before has not ended", at: survey.end)
            }
        }
        guard survey.mark.offset == SegmentLayout.headerBytes, !survey.mark.isClean else {
            throw .damaged(
                "synced to \(survey.mark.offset), and the segment before is not whole",
                at: SegmentLayout.headerBytes)
        }
    }
}
