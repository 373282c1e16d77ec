package import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// What a transaction reads, from the writer's caches or with its statements.
///
/// Lives on the writer's queue like everything it holds.
package struct SQLReader: TransactionReader {
    let state: SQLWriterState
    /// The transaction's time.
    let now: Timestamp
    /// The transaction's steady time.
    let steady: Timestamp

    /// Reads for one transaction.
    package init(state: SQLWriterState, now: Timestamp, steady: Timestamp) {
        self.state = state
        self.now = now
        self.steady = steady
    }

    // Without its hint SQLite takes the comparison that the index needs for the better search, and
    // reads all corrections of the tenant.
    package static let correction: StaticString = """
        SELECT * FROM events INDEXED BY events_of_corrections
        WHERE tenant = ? AND unlikely(id = ?) AND id < 'b' ORDER BY meter LIMIT 1
        """
    package static let correctionOfMeter: StaticString = """
        SELECT * FROM events INDEXED BY events_of_corrections
        WHERE tenant = ? AND unlikely(id = ?) AND id < 'b' AND meter = ?
        """

    // In the order of the index: in another one SQLite would rather read all accounts than sort.
    package static let dueAccountChanges: StaticString = """
        SELECT tenant, limit_name, period_start_ns FROM accounts WHERE next_expiry_ns <= ?
        ORDER BY next_expiry_ns, tenant, limit_name, period_start_ns LIMIT ?
        """
    package static let closableAccounts: StaticString = """
        SELECT tenant, limit_name, period_start_ns, period_end_ns FROM (
            SELECT * FROM accounts WHERE period_end_ns <= ?
                AND (period_end_ns, tenant, limit_name, period_start_ns) > (?, ?, ?, ?)
            ORDER BY period_end_ns, tenant, limit_name, period_start_ns LIMIT ?) AS ended
        WHERE (escrowed = 0 AND suspect = 0) OR period_end_ns <= ? LIMIT ?
        """
    package static let endedAccount: StaticString = """
        SELECT tenant, limit_name, period_start_ns, period_end_ns FROM accounts
        WHERE period_end_ns <= ?
            AND (period_end_ns, tenant, limit_name, period_start_ns) > (?, ?, ?, ?)
        ORDER BY period_end_ns, tenant, limit_name, period_start_ns LIMIT 1 OFFSET ?
        """

    package var storeReads: Int { state.storeReads }

    package func head() throws(LedgerError) -> LedgerHead {
        if let head = state.head { return head }
        return try one("SELECT * FROM head", [], LedgerHead.init) ?? LedgerHead()
    }

    package func transactionCount() throws(LedgerError) -> Int64 {
        if let count = state.transactions { return count }
        let count = try one("SELECT transactions FROM head", []) { $0["transactions"] as Int64 }
        state.transactions = count
        return count ?? 0
    }

    package func currentAccount(_ key: AccountKey) throws(LedgerError) -> AccountRecord? {
        if let record = state.accounts.value(key) { return record }
        if let asked = state.preloaded.newest[key] {
            if let asked { state.accounts.put(asked, key) }
            return asked
        }
        let record = try one(
            """
            SELECT * FROM accounts WHERE tenant = ? AND limit_name = ?
                AND NOT EXISTS (
                    SELECT 1 FROM archives WHERE archives.tenant = accounts.tenant
                        AND archives.limit_name = accounts.limit_name
                        AND archives.period_start_ns > accounts.period_start_ns)
            ORDER BY period_start_ns DESC LIMIT 1
            """, AccountRows.key(key), AccountRows.record)
        if let record { state.accounts.put(record, key) }
        return record
    }

    package func account(_ id: AccountID) throws(LedgerError) -> AccountRecord? {
        if let record = state.accounts.value(id.key), record.id == id { return record }
        if let record = state.lastRead, record.id == id { return record }
        if let record = state.preloaded.accounts[id] { return record }
        let record = try one(
            """
            SELECT * FROM accounts WHERE tenant = ? AND limit_name = ? AND period_start_ns = ?
            """, AccountRows.id(id), AccountRows.record)
        if let record { state.lastRead = record }
        return record
    }

    package func lastArchived(_ key: AccountKey) throws(LedgerError) -> AccountRecord? {
        try one(
            """
            SELECT * FROM archives WHERE tenant = ? AND limit_name = ?
            ORDER BY period_start_ns DESC LIMIT 1
            """, AccountRows.key(key), AccountRows.record)
    }

    package func wholeArchives(
        closedBefore instant: Timestamp,
        limit: Int
    ) throws(LedgerError) -> [ArchiveRecord] {
        try all(
            """
            SELECT * FROM archives WHERE is_condensed = 0 AND closed_at_ns < ?
            ORDER BY closed_at_ns LIMIT ?
            """, [.of(instant.nanoseconds), .of(Int64(limit))], AccountRows.archive)
    }

    package func bucket(_ key: AccountKey) throws(LedgerError) -> BucketRecord? {
        if let record = state.buckets.value(key) { return record }
        let record = try one(
            """
            SELECT missing, steady_ns, wall_ns, life_ns FROM buckets
            WHERE tenant = ? AND limit_name = ?
            """, AccountRows.key(key)
        ) { row in
            BucketRecord(
                key: key,
                bucket: TokenBucket(
                    missing: Int128(row["missing"] as String) ?? 0, updatedAt: updatedAt(row)))
        }
        if let record { state.buckets.put(record, key) }
        return record
    }

    /// When a bucket was written, on this life's steady clock; of another life's, only the wall
    /// clock tells how long ago that was.
    private func updatedAt(_ row: SQLRow) -> Timestamp {
        let life: Int64 = row["life_ns"]
        if life == state.life.nanoseconds { return Timestamp(nanoseconds: row["steady_ns"]) }
        let ago = max(0, now.nanoseconds(since: Timestamp(nanoseconds: row["wall_ns"])))
        return steady.adding(nanoseconds: -ago)
    }

    package func reservation(_ id: ReservationID) throws(LedgerError) -> Reservation? {
        if let held = state.held.value(id) { return held.reservation }
        state.storeReads += 1
        return try ReservationRows.reservation(id.text, state.sql)
    }

    package func grants(of reservation: ReservationID) throws(LedgerError) -> [GrantRecord] {
        if let held = state.held.value(reservation) { return held.grants }
        return try all(
            "SELECT * FROM grants WHERE reservation = ? ORDER BY sequence",
            [.of(reservation.text)], ReservationRows.grant)
    }

    package func unclosedGrants(of account: AccountID) throws(LedgerError) -> [GrantRecord] {
        try all(
            """
            SELECT * FROM grants
            WHERE tenant = ? AND limit_name = ? AND period_start_ns = ? AND state <> 'closed'
            """, AccountRows.id(account), ReservationRows.grant)
    }

    package func answer(_ id: IdempotencyID) throws(LedgerError) -> IdempotencyRecord? {
        try one(
            "SELECT * FROM answers WHERE tenant = ? AND key = ?",
            [.of(id.tenant.text), .of(id.key.text)], UsageRows.answer)
    }

    package func hasAnswers(
        before: Timestamp,
        orMoreThan maximum: Int
    ) throws(LedgerError) -> Bool {
        // Numbers count up, so that the first and the last tell how many there may be.
        try one(
            """
            SELECT 1 FROM answers WHERE created_at_ns < ?
                OR number <= (SELECT max(number) FROM answers) - ? LIMIT 1
            """, [.of(before.nanoseconds), .of(Int64(maximum))]
        ) { _ in true } ?? false
    }

    package func tenant(_ id: TenantID) throws(LedgerError) -> Tenant? {
        try one("SELECT * FROM tenants WHERE id = ?", [.of(id.text)], DirectoryRows.tenant)
    }

    package func key(_ id: APIKeyID) throws(LedgerError) -> KeyRecord? {
        let limits = try all(
            "SELECT * FROM limits WHERE owner_kind = 'key' AND owner = ? ORDER BY position",
            [.of(id.text)]
        ) { $0 }
        return try one("SELECT * FROM api_keys WHERE id = ?", [.of(id.text)]) {
            DirectoryRows.key($0, limits: limits)
        }
    }

    package func organization(_ id: OrganizationID) throws(LedgerError) -> Organization? {
        try OrganizationRows.organization(id, state.sql)
    }

    package func overrides(like id: LimitOverride.ID) throws(LedgerError) -> [LimitOverride] {
        try all(
            "SELECT * FROM overrides WHERE tenant = ? AND meter = ? AND window = ?",
            [.of(id.tenant.text), .of(id.meter.text), .of(id.window.rawValue)],
            OrganizationRows.override)
    }

    package func override(_ id: LimitOverride.ID) throws(LedgerError) -> LimitOverride? {
        try one(
            """
            SELECT * FROM overrides
            WHERE tenant = ? AND meter = ? AND window = ? AND starts_at_ns = ?
            """,
            [
                .of(id.tenant.text), .of(id.meter.text), .of(id.window.rawValue),
                .of(id.startsAt?.nanoseconds ?? 0),
            ],
            OrganizationRows.override)
    }

    package func grant(_ id: GrantID) throws(LedgerError) -> GrantRecord? {
        try one(
            "SELECT * FROM grants WHERE holder = ? AND incarnation = ? AND sequence = ?",
            [.of(id.holder), .of(id.incarnation), .of(id.sequence)], ReservationRows.grant)
    }

    package func event(
        _ id: String,
        tenant: TenantID,
        meter: MeterID?
    ) throws(LedgerError) -> UsageEvent? {
        guard let meter else {
            return try one(
                Self.correction, [.of(tenant.text), .of(id)], UsageRows.event)
        }
        return try one(
            Self.correctionOfMeter, [.of(tenant.text), .of(id), .of(meter.text)], UsageRows.event)
    }

    package func keyExists(_ id: APIKeyID, publicID: String) throws(LedgerError) -> Bool {
        try one(
            "SELECT 1 FROM api_keys WHERE id = ? OR public_id = ?", [.of(id.text), .of(publicID)]
        ) { _ in true } ?? false
    }

    package func setting(_ name: String) throws(LedgerError) -> String? {
        try one("SELECT value FROM settings WHERE name = ?", [.of(name)]) { $0["value"] }
    }

    package func planExists(_ id: PlanID) throws(LedgerError) -> Bool {
        try one("SELECT 1 FROM plans WHERE id = ?", [.of(id.text)]) { _ in true } ?? false
    }

    package func meter(_ id: MeterID) throws(LedgerError) -> Meter? {
        if let meter = state.meters[id] { return meter }
        let meter = try one("SELECT * FROM meters WHERE id = ?", [.of(id.text)], PlanRows.meter)
        // Meters are few, and this is told of their changes.
        if let meter { state.meters[id] = meter }
        return meter
    }

    package func dueReservations(
        now: Timestamp,
        limit: Int
    ) throws(LedgerError) -> [ReservationID] {
        try all(
            """
            SELECT id FROM reservations WHERE state = 'held' AND expires_at_ns <= ?
                AND owner_name IS NULL
            ORDER BY expires_at_ns, id LIMIT ?
            """, [.of(now.nanoseconds), .of(Int64(limit))]
        ) { ReservationID(trusted: $0["id"]) }
    }

    package func dueChanges(now: Timestamp, limit: Int) throws(LedgerError) -> [AccountID] {
        try all(Self.dueAccountChanges, [.of(now.nanoseconds), .of(Int64(limit))], Self.accountID)
    }

    private static func accountID(_ row: SQLRow) -> AccountID {
        AccountID(
            key: AccountKey(tenant: TenantID(trusted: row["tenant"]), limit: row["limit_name"]),
            periodStart: Timestamp(nanoseconds: row["period_start_ns"]))
    }

    package func dueAccounts(
        now: Timestamp,
        graceEnd: Timestamp,
        after place: EndedAccountPlace?,
        limit: Int
    ) throws(LedgerError) -> DueAccounts {
        let key = place?.account.key
        let start: [SQLValue] = [
            .of(now.nanoseconds), .of(place?.end.nanoseconds ?? .min), .of(key?.tenant.text ?? ""),
            .of(key?.limit.text ?? ""), .of(place?.account.periodStart.nanoseconds ?? .min),
        ]
        let looks = Int64(SweepCommand.maximumLooks)
        let due = try all(
            Self.closableAccounts,
            start + [.of(looks), .of(graceEnd.nanoseconds), .of(Int64(limit))], Self.endedPlace)
        let next =
            due.count == limit
            ? due.last : try one(Self.endedAccount, start + [.of(looks - 1)], Self.endedPlace)
        return DueAccounts(due.map(\.account), next: next)
    }

    private static func endedPlace(_ row: SQLRow) -> EndedAccountPlace {
        EndedAccountPlace(
            end: Timestamp(nanoseconds: row["period_end_ns"]), account: accountID(row))
    }

    func one<Value>(
        _ text: StaticString,
        _ values: [SQLValue],
        _ read: (SQLRow) -> Value
    ) throws(LedgerError) -> Value? {
        state.storeReads += 1
        return try state.sql.first(text, values).map(read)
    }

    func all<Value>(
        _ text: StaticString,
        _ values: [SQLValue],
        _ read: (SQLRow) -> Value
    ) throws(LedgerError) -> [Value] {
        state.storeReads += 1
        var found: [Value] = []
        try state.sql.each(text, values) { row in
            found.append(read(row))
            return true
        }
        return found
    }
}
