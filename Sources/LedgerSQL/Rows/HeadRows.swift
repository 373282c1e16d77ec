package import QuotaLedger

extension LedgerHead {
    /// Where the counters stand, as the one row of `head` has it.
    package init(_ row: SQLRow) {
        self.init(
            revision: row["revision"], batch: row["batch"], hash: row["hash"],
            audit: row["audit"], auditHash: row["audit_hash"],
            notifications: row["notifications"])
    }
}
