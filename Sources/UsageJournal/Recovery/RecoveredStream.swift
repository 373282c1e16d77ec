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

    /// The records from the stored position to the end.
    public func records() -> RecoveredRecords {
        RecoveredRecords(verified, folder: folder)
    }
}
