import LedgerSQL
import QuotaLedger
import QuotaModel

/// The ledger's head, read under its lock, with the database's clock.
struct LockedHead {
    let head: LedgerHead
    let transactions: Int64
    /// The number of the last answer that is kept.
    let lastAnswer: Int64
    /// The database's clock now.
    private let now: Timestamp
    /// The clocks of the last transaction that wrote.
    private let last: (steady: Timestamp, wall: Timestamp)

    init(_ row: SQLRow) {
        head = LedgerHead(row)
        transactions = row["transactions"]
        lastAnswer = row["last_answer"]
        now = Timestamp(nanoseconds: (row["now_us"] as Int64) * 1_000)
        last = (
            Timestamp(nanoseconds: row["steady_ns"]), Timestamp(nanoseconds: row["wall_ns"])
        )
    }

    /// The time of a transaction, and a clock that nobody can set.
    ///
    /// The steady clock goes as the database's does from one transaction to the next, but never
    /// back, and never on by more than a step: nodes are not taken for silent because the database
    /// was out of reach for a while, or because its clock was set.
    func clocks(
        _ clock: LedgerClock,
        longestStep: Int64
    ) -> (now: Timestamp, steady: Timestamp) {
        var now = now
        if case .manual(let read) = clock { now = read() }
        let passed = now.nanoseconds(since: last.wall)
        // The first transaction of all has none before it.
        if last.wall.nanoseconds == 0 { return (now, now) }
        return (now, last.steady.adding(nanoseconds: min(max(0, passed), longestStep)))
    }
}
