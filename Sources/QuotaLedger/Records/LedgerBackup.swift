/// A copy of a whole store as it stood at one moment, complete by itself.
///
/// The copy is gone with the last copy of this value.
public struct LedgerBackup: Sendable {
    /// Reads at most `count` bytes from an offset on; fewer only at the end.
    public typealias Read =
        @Sendable (_ offset: Int64, _ count: Int) async throws(LedgerError) -> [UInt8]

    /// The size of the copy, in bytes.
    public let sizeBytes: Int64
    /// The ends of the chains in the copy.
    public let head: LedgerHead
    /// Reads part of the copy.
    public let read: Read

    /// Creates a backup.
    public init(sizeBytes: Int64, head: LedgerHead, read: @escaping Read) {
        self.sizeBytes = sizeBytes
        self.head = head
        self.read = read
    }
}
