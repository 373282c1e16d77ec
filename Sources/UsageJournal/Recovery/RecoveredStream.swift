/// A stream of an earlier life, found right and ready to be taken over.
public struct RecoveredStream: Sendable {
    /// What was found of it.
    public let verified: VerifiedStream
    private let folder: JournalFolder

    init(verified: VerifiedStream, folder: JournalFolder) {
        self.verified = verified
        self.folder = folder
    }

    /// Its number.
    public var number: Int { verified.header.stream }

    /// The end of its last record.
    public var end: JournalPosition { verified.end }

    /// Whether it is all that was written.
    public var completeness: JournalCompleteness { verified.completeness }

    /// What the ledger has taken over.
    public var stored: JournalPosition { verified.stored }

    /// The records from the stored position to the end, or from the start of its segment, so that
    /// what they refer to is among them.
    public func records(fromSegmentStart: Bool = false) -> RecoveredRecords {
        RecoveredRecords(verified, folder: folder, fromSegmentStart: fromSegmentStart)
    }
}
