import GRDBSQLite
import QuotaEngine
import QuotaLedger
import QuotaModel

/// Reads what tenants used, in the order of time, on a connection of its own.
///
/// Nothing is copied of a row: names are handed on where SQLite has them, for millions of rows go
/// through here.
final class RecordedUse {
    /// How many rows are read before a new moment is looked at, at the next tenant: as long as one
    /// is read, the log of a server can't start anew.
    private static let rowsOfMoment = 200_000
    /// How many rows are read between two looks at whether anybody still waits.
    private static let rowsBetweenLooks: Int64 = 4_096

    private let database: ReadOnlyDatabase
    private let events: Statement
    /// The sums of hours, and of which meters.
    private var hours: (statement: Statement, meters: [String])
    private var rowsSinceMoment: Int64 = 0

    init(_ database: ReadOnlyDatabase) throws(LedgerError) {
        self.database = database
        events = try Statement(
            """
            SELECT admitted_at_ns, id, meter, key, model, units FROM events
            WHERE tenant = ? AND admitted_at_ns >= ? AND admitted_at_ns < ?
            ORDER BY admitted_at_ns, id, meter
            """, database)
        hours = (try Self.hours(of: [], database), [])
    }

    /// Sums of other meters are left where they are.
    private static func hours(
        of meters: [String],
        _ database: ReadOnlyDatabase
    ) throws(LedgerError) -> Statement {
        let places = meters.map { _ in "?" }.joined(separator: ", ")
        let statement = try Statement(
            """
            SELECT hour_ns, meter, key, model, units, postings FROM hourly_usage
            WHERE tenant = ? AND hour_ns >= ? AND hour_ns < ? AND meter IN (\(places))
            ORDER BY hour_ns
            """, database)
        for (index, meter) in meters.enumerated() { try statement.bind(meter, at: index + 4) }
        return statement
    }

    /// Feeds the use of a tenant to its judge.
    func read(
        _ judge: inout WhatIfTenant,
        isStopped: () -> Bool
    ) throws(LedgerError) {
        if rowsSinceMoment >= Self.rowsOfMoment {
            try database.renew()
            rowsSinceMoment = 0
        }
        if hours.meters != judge.plan.hourMeters {
            let meters = judge.plan.hourMeters
            hours = (try Self.hours(of: meters, database), meters)
        }
        let (events, hours) = (events, hours.statement)
        let before = judge.refusals.rows
        defer {
            events.reset()
            hours.reset()
            rowsSinceMoment += judge.refusals.rows - before
        }
        try events.bind(judge)
        try hours.bind(judge)
        var hasHour = judge.plan.hourMeters.isEmpty ? false : try hours.next()
        while try events.next() {
            let at = events.instant(0)
            while hasHour, WhatIfTenant.isOver(hour: hours.instant(0), at: at) {
                judge.take(hours.hour)
                hasHour = try hours.next()
            }
            judge.take(events.event(at: at))
            if judge.refusals.rows % Self.rowsBetweenLooks == 0, isStopped() { throw .abandoned }
        }
        while hasHour {
            judge.take(hours.hour)
            hasHour = try hours.next()
            if judge.refusals.rows % Self.rowsBetweenLooks == 0, isStopped() { throw .abandoned }
        }
        judge.finish()
    }
}

/// A statement that is asked again and again.
private final class Statement {
    private let database: ReadOnlyDatabase
    private let statement: OpaquePointer

    init(_ text: String, _ database: ReadOnlyDatabase) throws(LedgerError) {
        self.database = database
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(database.connection, text, -1, &prepared, nil) == SQLITE_OK,
            let prepared
        else { throw database.error() }
        statement = prepared
    }

    deinit {
        sqlite3_finalize(statement)
    }

    func bind(_ judge: borrowing WhatIfTenant) throws(LedgerError) {
        try bind(judge.tenant.text, at: 1)
        let isBound =
            sqlite3_bind_int64(statement, 2, judge.readsFrom.nanoseconds) == SQLITE_OK
            && sqlite3_bind_int64(statement, 3, judge.until.nanoseconds) == SQLITE_OK
        guard isBound else { throw database.error() }
    }

    func bind(_ text: String, at place: Int) throws(LedgerError) {
        let code = sqlite3_bind_text(
            statement, CInt(place), text, CInt(text.utf8.count),
            unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        guard code == SQLITE_OK else { throw database.error() }
    }

    func next() throws(LedgerError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw database.error()
        }
    }

    func reset() {
        sqlite3_reset(statement)
    }

    func instant(_ column: CInt) -> Timestamp {
        Timestamp(nanoseconds: sqlite3_column_int64(statement, column))
    }

    /// The bytes of a text, which hold until the next step; as a blob, since a text would be
    /// copied to get a zero at its end.
    private func bytes(_ column: CInt) -> UnsafeBufferPointer<UInt8> {
        let start = sqlite3_column_blob(statement, column)
        let count = Int(sqlite3_column_bytes(statement, column))
        return UnsafeBufferPointer(
            start: start?.assumingMemoryBound(to: UInt8.self), count: start == nil ? 0 : count)
    }

    func event(at instant: Timestamp) -> WhatIfEvent {
        WhatIfEvent(
            at: instant, id: bytes(1), meter: bytes(2), key: bytes(3), model: bytes(4),
            units: sqlite3_column_int64(statement, 5))
    }

    var hour: WhatIfHour {
        WhatIfHour(
            hour: instant(0), meter: bytes(1), key: bytes(2), model: bytes(3),
            units: sqlite3_column_int64(statement, 4),
            postings: sqlite3_column_int64(statement, 5))
    }
}

extension ReadOnlyDatabase {
    /// Ends the moment that is read; the next one begins with the next read.
    fileprivate func renew() throws(LedgerError) {
        guard sqlite3_exec(connection, "COMMIT; BEGIN", nil, nil, nil) == SQLITE_OK else {
            throw error()
        }
    }
}

extension LedgerError {
    /// Whoever asked does not wait for the answer any more.
    fileprivate static let abandoned = LedgerError(.closed, "nobody waits for the answer")
}
