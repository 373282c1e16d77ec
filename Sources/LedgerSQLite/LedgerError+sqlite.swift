import GRDB
import QuotaLedger

extension LedgerError {
    /// What an error of the database means for the ledger.
    ///
    /// A full disk or a row that the schema refuses changes nothing. After anything else, above all
    /// a failed sync, nobody knows what is on the disk: the server has to stop and to recover from
    /// the log.
    init(_ error: any Error) {
        if let error = error as? LedgerError {
            self = error
        } else if let error = error as? DatabaseError,
            error.resultCode.primaryResultCode == .SQLITE_FULL
        {
            self.init(.diskFull, "the disk is full; nothing was written")
        } else if let error = error as? DatabaseError,
            [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode.primaryResultCode)
        {
            self.init(.busy, "another program holds the ledger's database; nothing was written")
        } else if let error = error as? DatabaseError,
            error.resultCode.primaryResultCode == .SQLITE_CONSTRAINT
        {
            self.init(
                .invariant,
                "a row would break the schema; nothing was written: \(error.message ?? "")")
        } else {
            self.init(.broken, "the ledger's database failed: \(error)")
        }
    }
}
