/// Whether what was recovered of a stream is all that was ever written to it.
public enum JournalCompleteness: Hashable, Sendable {
    /// Every record that was written is there.
    case complete
    /// The machine stopped under the journal: everything before the position is there, and records
    /// that were written after it may be missing at the end.
    case toMark(JournalPosition)
}
