import QuotaEngine
import QuotaLedger
import QuotaModel

/// Feeds the rows of one moment to the checks.
struct LedgerReading {
    private let database: ReadOnlyDatabase
    private var chain = EntryChainCheck()
    private var fold = EntryFoldCheck()
    private var grants = GrantCheck()
    private var audit = AuditChainCheck()
    private var expected: ExpectedHashCheck
    private let expectsHashes: Bool

    init(_ database: ReadOnlyDatabase, expecting hashes: [[UInt8]]) {
        self.database = database
        expected = ExpectedHashCheck(hashes)
        expectsHashes = !hashes.isEmpty
    }

    /// Reads everything.
    mutating func verification() throws(LedgerError) -> LedgerVerification {
        let head = try Self.head(database)
        try readEntries()
        chain.finish(head)
        try readAudit()
        audit.finish(head)
        expected.finish()
        try readGrants()
        try readAccounts("accounts", isArchived: false)
        try readAccounts("archives", isArchived: true)
        fold.finish()
        grants.finish()
        let usage = try UsageReading(database).check()
        let results = [
            chain.result, fold.result, fold.conservation, grants.result, usage.totals,
            usage.events, audit.result,
        ]
        return LedgerVerification(
            checks: results + (expectsHashes ? [expected.result] : []), head: head)
    }

    /// The ledger's head; nil when the row is missing.
    static func head(_ database: ReadOnlyDatabase) throws(LedgerError) -> LedgerHead? {
        let rows = try database.rows("SELECT revision, batch, hash, audit, audit_hash FROM head")
        guard try rows.next() else { return nil }
        return LedgerHead(
            revision: rows.integer(0), batch: rows.integer(1), hash: rows.bytes(2),
            audit: rows.integer(3), auditHash: rows.bytes(4))
    }

    /// Batches and entries side by side, since an entry may have lost its batch.
    private mutating func readEntries() throws(LedgerError) {
        let batches = try database.rows(
            "SELECT number, committed_at_ns, hash FROM entry_batches ORDER BY number")
        let entries = try database.rows(
            """
            SELECT batch, position, tenant, limit_name, period_start_ns,
                capacity, available, escrowed, suspect, posted
            FROM entries ORDER BY batch, position
            """)
        var hasEntry = try entries.next()
        while try batches.next() {
            let number = batches.integer(0)
            var own: [Entry] = []
            var positions: [Int64] = []
            while hasEntry, entries.integer(0) <= number {
                if entries.integer(0) == number {
                    own.append(entries.balances(2))
                    positions.append(entries.integer(1))
                    fold.take(own[own.count - 1])
                } else {
                    takeOrphan(entries)
                }
                hasEntry = try entries.next()
            }
            let batch = EntryBatch(
                number: number, committedAt: batches.instant(1), entries: own,
                hash: batches.bytes(2))
            chain.take(batch, positions: positions)
            expected.take(batch.hash)
        }
        while hasEntry {
            takeOrphan(entries)
            hasEntry = try entries.next()
        }
    }

    private mutating func takeOrphan(_ entries: RowCursor) {
        chain.takeOrphan(batch: entries.integer(0), position: entries.integer(1))
        fold.take(entries.balances(2))
    }

    private mutating func readAudit() throws(LedgerError) {
        _ = try Self.takeAudit(database, after: .min, limit: .max, &audit, &expected)
    }

    /// Feeds changes to their check, from the one after a number on; answers how many these were.
    static func takeAudit(
        _ database: ReadOnlyDatabase,
        after number: Int64,
        limit: Int,
        _ audit: inout AuditChainCheck,
        _ expected: inout ExpectedHashCheck
    ) throws(LedgerError) -> Int {
        let rows = try database.rows(
            """
            SELECT audit.number, at_ns, actor, action, subject, tenant, reason, details,
                audit.batch, audit.hash, entry_batches.hash
            FROM audit LEFT JOIN entry_batches ON entry_batches.number = audit.batch
            WHERE audit.number > ? ORDER BY audit.number LIMIT ?
            """, .integer(number), .integer(Int64(limit)))
        var count = 0
        while try rows.next() {
            count += 1
            let note = AuditNote(
                actor: rows.text(2), action: rows.text(3), subject: rows.text(4),
                tenant: rows.optionalText(5).map(TenantID.init(trusted:)),
                reason: rows.optionalText(6), details: rows.optionalText(7))
            let link = AuditLink(
                entry: AuditEntry(number: rows.integer(0), at: rows.instant(1), note: note),
                batch: rows.integer(8), hash: rows.bytes(9))
            audit.take(link, batchHash: rows.optionalBytes(10))
            expected.take(link.hash)
        }
        return count
    }

    private mutating func readGrants() throws(LedgerError) {
        let rows = try database.rows(
            """
            SELECT holder, incarnation, sequence, size, posted, returned, 0, overage, state,
                tenant, limit_name, period_start_ns
            FROM grants
            UNION ALL
            SELECT holder, incarnation, sequence, size, posted, returned, carved, overage, state,
                account_owner, limit_name, period_start_ns
            FROM leases
            """)
        while try rows.next() {
            let (grant, state) = Self.grant(rows)
            grants.take(grant, state: state, of: rows.account(9))
        }
    }

    /// A grant in nine columns, with its state where that is one.
    static func grant(_ rows: RowCursor) -> (Grant, Grant.State?) {
        let grant = Grant(
            id: GrantID(
                holder: rows.text(0), incarnation: rows.integer(1), sequence: rows.integer(2)),
            size: rows.integer(3), posted: rows.integer(4), returned: rows.integer(5),
            carved: rows.integer(6), overage: rows.integer(7))
        return (grant, Grant.State(rawValue: rows.text(8)))
    }

    private mutating func readAccounts(
        _ table: String,
        isArchived: Bool
    ) throws(LedgerError) {
        let rows = try database.rows(
            """
            SELECT tenant, limit_name, period_start_ns,
                capacity, available, escrowed, suspect, posted
            FROM \(table)
            """)
        while try rows.next() {
            let account = rows.balances(0)
            fold.take(account: account, isArchived: isArchived)
            grants.take(account: account, isArchived: isArchived)
        }
    }
}
