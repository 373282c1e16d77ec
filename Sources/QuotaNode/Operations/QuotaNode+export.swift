package import QuotaLedger

// Reads of what is booked, for who reads all of it: each look of a person books the journal first.
extension QuotaNode {
    /// Books what is only in the journal yet, as far as the disk has room.
    package func foldIfPossible() async throws(NodeError) { try await leases.foldIfPossible() }

    /// The booked events of a tenant, without those that are only in the journal.
    package func bookedEvents(_ page: EventPage) async throws(NodeError) -> [UsageEvent] {
        try await asking { () async throws(LedgerError) in try await ledger.events(page) }
    }

    /// The booked sums of a tenant, without what is only in the journal.
    package func bookedSums(_ page: UsageSumPage) async throws(NodeError) -> [UsageGroup] {
        try await asking { () async throws(LedgerError) in try await ledger.usageSums(page) }
    }
}
