/// A store that makes a copy of itself while it works.
public protocol BackupSource: Sendable {
    /// Makes a copy; commands go on meanwhile.
    ///
    /// - Returns: the copy, which is as the store stood at one moment after the call began.
    /// - Throws: `backup_running` while another one is made or read, `disk_full` or `backup_failed`
    ///   when it can't be made; the store itself is as it was.
    func backup() async throws(LedgerError) -> LedgerBackup
}
