import QuotaEngine
import QuotaLedger
import QuotaModel

/// Accounts and archives as rows.
enum AccountRows {
    static func record(_ row: SQLRow) -> AccountRecord {
        AccountRecord(
            key: AccountKey(
                tenant: TenantID(trusted: row["tenant"]), limit: row["limit_name"]),
            meter: MeterID(trusted: row["meter"]),
            window: Window(rawValue: row["window"]) ?? .lifetime,
            isTenantScope: row["is_tenant_scope"],
            period: Period(
                start: Timestamp(nanoseconds: row["period_start_ns"]),
                end: Timestamp(nanoseconds: row["period_end_ns"]),
                index: row["period_index"]),
            rule: row["rule"],
            terms: AccountTerms(json: row["terms"]),
            thresholds: (row["thresholds"] as String?).map { PercentSet($0) }
                ?? AccountRecord.usualThresholds,
            told: (row["told"] as String?).map { PercentSet($0) } ?? PercentSet(),
            account: account(row))
    }

    static func archive(_ row: SQLRow) -> ArchiveRecord {
        ArchiveRecord(
            record: record(row), closedAt: Timestamp(nanoseconds: row["closed_at_ns"]),
            isCondensed: row["is_condensed"])
    }

    private static func account(_ row: SQLRow) -> Account {
        // Archives have no state column: they are closed.
        let state: String? = row.hasColumn("state") ? row["state"] : nil
        return Account(
            capacity: row["capacity"],
            available: row["available"],
            escrowed: row["escrowed"],
            suspect: row["suspect"],
            posted: row["posted"],
            isUnlimited: row["is_unlimited"],
            state: state.flatMap(Account.State.init) ?? .closed,
            limitRevision: row["limit_revision"],
            version: row["version"],
            extra: row["extra"])
    }

    /// How an account's balances changed.
    static func entry(_ row: SQLRow) -> Entry {
        Entry(
            account: AccountID(
                key: AccountKey(
                    tenant: TenantID(trusted: row["tenant"]), limit: row["limit_name"]),
                periodStart: Timestamp(nanoseconds: row["period_start_ns"])),
            capacity: row["capacity"],
            available: row["available"],
            escrowed: row["escrowed"],
            suspect: row["suspect"],
            posted: row["posted"])
    }

    static func key(_ key: AccountKey) -> [SQLValue] {
        [.of(key.tenant.text), .of(key.limit.text)]
    }

    static func id(_ id: AccountID) -> [SQLValue] {
        key(id.key) + [.of(id.periodStart.nanoseconds)]
    }

    static func put(_ record: AccountRecord, _ sql: any SQLSession) throws(LedgerError) {
        let account = record.account
        try sql.run(
            """
            INSERT INTO accounts (
                tenant, limit_name, period_start_ns, period_end_ns, period_index, rule, meter,
                window, is_tenant_scope, terms, thresholds, told, is_unlimited, extra, state,
                limit_revision, version, capacity, available, escrowed, suspect, posted,
                next_expiry_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant, limit_name, period_start_ns) DO UPDATE SET
                period_end_ns = excluded.period_end_ns,
                terms = excluded.terms, thresholds = excluded.thresholds,
                told = excluded.told,
                is_unlimited = excluded.is_unlimited, extra = excluded.extra,
                state = excluded.state,
                limit_revision = excluded.limit_revision, version = excluded.version,
                capacity = excluded.capacity, available = excluded.available,
                escrowed = excluded.escrowed, suspect = excluded.suspect,
                posted = excluded.posted, next_expiry_ns = excluded.next_expiry_ns
            """
        ) { row in
            row.add(record.id)
            row.addDescription(record)
            row.add(account.state.rawValue)
            row.add(account.limitRevision)
            row.add(account.version)
            row.addBalances(account)
            row.add(record.nextChange?.nanoseconds)
        }
    }

    static func archive(_ archive: ArchiveRecord, _ sql: any SQLSession) throws(LedgerError) {
        let record = archive.record
        try sql.run(
            "DELETE FROM accounts WHERE tenant = ? AND limit_name = ? AND period_start_ns = ?"
        ) { $0.add(record.id) }
        try sql.run(
            """
            INSERT INTO archives (
                tenant, limit_name, period_start_ns, period_end_ns, period_index, rule, meter,
                window, is_tenant_scope, terms, thresholds, told, is_unlimited, extra,
                limit_revision,
                version, capacity, available, escrowed, suspect, posted, closed_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(record.id)
            row.addDescription(record)
            row.add(record.account.limitRevision)
            row.add(record.account.version)
            row.addBalances(record.account)
            row.add(archive.closedAt.nanoseconds)
        }
    }
}

extension AccountRows {
    /// Keeps the condensed form of an archive.
    static func condense(_ archive: ArchiveRecord, _ sql: any SQLSession) throws(LedgerError) {
        let record = archive.record
        try sql.run(
            """
            UPDATE archives SET is_condensed = 1, terms = ?, thresholds = ?, told = ?
            WHERE tenant = ? AND limit_name = ? AND period_start_ns = ?
            """
        ) { row in
            row.add(record.terms?.json)
            row.addNotes(record)
            row.add(record.id)
        }
    }
}

extension SQLBindings {
    mutating func add(_ key: AccountKey) {
        add(key.tenant.text)
        add(key.limit.text)
    }

    mutating func add(_ id: AccountID) {
        add(id.key)
        add(id.periodStart.nanoseconds)
    }

    fileprivate mutating func addDescription(_ record: AccountRecord) {
        add(record.period.end.nanoseconds)
        add(record.period.index)
        add(record.rule)
        add(record.meter.text)
        add(record.window.rawValue)
        add(record.isTenantScope)
        add(record.terms?.json)
        addNotes(record)
        add(record.account.isUnlimited)
        add(record.account.extra)
    }

    /// Of what is told; most accounts have what is usual, and nothing was told of them.
    fileprivate mutating func addNotes(_ record: AccountRecord) {
        add(
            record.thresholds == AccountRecord.usualThresholds
                ? nil : record.thresholds.description)
        add(record.told.isEmpty ? nil : record.told.description)
    }

    fileprivate mutating func addBalances(_ account: Account) {
        add(account.capacity)
        add(account.available)
        add(account.escrowed)
        add(account.suspect)
        add(account.posted)
    }
}
