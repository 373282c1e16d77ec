extension MemoryLedger {
    /// Where the counters and both chains stand.
    package var head: LedgerHead { withStore { $0.ledgerHead } }

    /// The administrators' changes with their chain, oldest first.
    package var auditLinks: [AuditLink] { withStore { $0.audit } }
}
