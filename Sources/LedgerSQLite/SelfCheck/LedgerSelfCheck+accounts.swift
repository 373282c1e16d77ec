import QuotaEngine
import QuotaLedger
import QuotaModel

// The chains and the balances.
extension LedgerSelfCheck {
    /// Takes batches and changes that are new; answers whether these were all.
    mutating func catchUp(_ database: ReadOnlyDatabase) throws(LedgerError) -> Bool {
        let batches = try takeBatches(database)
        var nothing = ExpectedHashCheck([])
        let changes = try LedgerReading.takeAudit(
            database, after: audit.number, limit: maximumRows, &audit, &nothing)
        if let count = fold?.accountCount, count > accountLimit { fold = nil }
        return batches < maximumRows && changes < maximumRows
    }

    private mutating func takeBatches(_ database: ReadOnlyDatabase) throws(LedgerError) -> Int {
        let first = RowCursor.Value.integer(chain.number)
        let batches = try database.rows(
            """
            SELECT number, committed_at_ns, hash FROM entry_batches
            WHERE number > ? ORDER BY number LIMIT ?
            """, first, .integer(Int64(maximumRows)))
        let entries = try database.rows(
            """
            SELECT batch, position, tenant, limit_name, period_start_ns,
                capacity, available, escrowed, suspect, posted
            FROM entries WHERE batch > ? ORDER BY batch, position
            """, first)
        var count = 0
        var hasEntry = try entries.next()
        while try batches.next() {
            count += 1
            let number = batches.integer(0)
            var own: [Entry] = []
            var positions: [Int64] = []
            while hasEntry, entries.integer(0) <= number {
                let entry = entries.balances(2)
                fold?.take(entry)
                if entries.integer(0) == number {
                    own.append(entry)
                    positions.append(entries.integer(1))
                } else {
                    chain.takeOrphan(batch: entries.integer(0), position: entries.integer(1))
                }
                hasEntry = try entries.next()
            }
            let batch = EntryBatch(
                number: number, committedAt: batches.instant(1), entries: own,
                hash: batches.bytes(2))
            chain.take(batch, positions: positions)
        }
        return count
    }

    /// Compares the accounts that come next with their entries and grants.
    mutating func readAccounts(
        _ database: ReadOnlyDatabase,
        after account: AccountID?
    ) throws(LedgerError) {
        // An empty text comes before every tenant.
        let cursor: [RowCursor.Value] = [
            .text(account?.key.tenant.text ?? ""), .text(account?.key.limit.text ?? ""),
            .integer(account?.periodStart.nanoseconds ?? .min),
        ]
        let rows = try RowCursor(
            """
            SELECT tenant, limit_name, period_start_ns,
                capacity, available, escrowed, suspect, posted, 0
            FROM accounts WHERE (tenant, limit_name, period_start_ns) > (?1, ?2, ?3)
            UNION ALL
            SELECT tenant, limit_name, period_start_ns,
                capacity, available, escrowed, suspect, posted, 1
            FROM archives WHERE (tenant, limit_name, period_start_ns) > (?1, ?2, ?3)
            ORDER BY 1, 2, 3 LIMIT \(maximumRows)
            """, cursor, database)
        var accounts: [Entry] = []
        var last: AccountID?
        var count = 0
        while try rows.next() {
            count += 1
            let balances = rows.balances(0)
            let isArchived = rows.integer(8) == 1
            fold?.take(account: balances, isArchived: isArchived)
            if !isArchived { accounts.append(balances) }
            last = balances.account
        }
        let isLast = count < maximumRows
        try readGrants(database, after: cursor, through: isLast ? nil : last, accounts)
        stage = isLast ? .unseen : .accounts(after: last)
    }

    /// Compares open accounts with the grants that are not closed; of closed ones there may be any
    /// number, and no index leads to them.
    private mutating func readGrants(
        _ database: ReadOnlyDatabase,
        after cursor: [RowCursor.Value],
        through last: AccountID?,
        _ accounts: [Entry]
    ) throws(LedgerError) {
        var check = GrantCheck()
        var values = cursor
        var bounds = (own: "", leased: "")
        if let last {
            bounds.own = "AND (tenant, limit_name, period_start_ns) <= (?4, ?5, ?6)"
            bounds.leased = "AND (account_owner, limit_name, period_start_ns) <= (?4, ?5, ?6)"
            values += [
                .text(last.key.tenant.text), .text(last.key.limit.text),
                .integer(last.periodStart.nanoseconds),
            ]
        }
        let rows = try RowCursor(
            """
            SELECT holder, incarnation, sequence, size, posted, returned, 0, overage, state,
                tenant, limit_name, period_start_ns
            FROM grants INDEXED BY grants_unclosed
            WHERE state <> 'closed'
                AND (tenant, limit_name, period_start_ns) > (?1, ?2, ?3) \(bounds.own)
            UNION ALL
            SELECT holder, incarnation, sequence, size, posted, returned, carved, overage, state,
                account_owner, limit_name, period_start_ns
            FROM leases INDEXED BY leases_unclosed
            WHERE state <> 'closed'
                AND (account_owner, limit_name, period_start_ns) > (?1, ?2, ?3) \(bounds.leased)
            """, values, database)
        let known = Set(accounts.map(\.account))
        while try rows.next() {
            // A grant may outlive the period of its account, whose archive is not looked at here.
            let account = rows.account(9)
            guard known.contains(account) else { continue }
            let (grant, state) = LedgerReading.grant(rows)
            check.take(grant, state: state, of: account)
        }
        for account in accounts { check.take(account: account, isArchived: false) }
        grants.take(check.result)
    }

    /// Looks for the accounts of entries that were not met: opened behind the place that was read,
    /// or gone.
    mutating func readUnseen(_ database: ReadOnlyDatabase) throws(LedgerError) {
        let unseen = fold?.unseen ?? []
        for account in unseen.prefix(maximumRows) {
            for (table, isArchived) in [("accounts", false), ("archives", true)] {
                let rows = try database.rows(
                    """
                    SELECT tenant, limit_name, period_start_ns,
                        capacity, available, escrowed, suspect, posted
                    FROM \(table)
                    WHERE tenant = ? AND limit_name = ? AND period_start_ns = ?
                    """,
                    .text(account.key.tenant.text), .text(account.key.limit.text),
                    .integer(account.periodStart.nanoseconds))
                while try rows.next() {
                    fold?.take(account: rows.balances(0), isArchived: isArchived)
                }
            }
        }
        // More than that at once were not opened meanwhile: their rows are gone.
        fold?.finish()
        stage = .days(after: nil)
    }
}
