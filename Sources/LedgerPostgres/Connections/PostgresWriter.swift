import Dispatch
import LedgerSQL
import PostgresWire
import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// The one connection of a node that writes.
///
/// Every transaction that may write locks the row `head` first: the transactions of all nodes come
/// one after the other, in the order of their numbers, and each sees what those before it wrote.
/// How many nodes there are is thus a question of how much each of them brings at once; what waits
/// meanwhile is done together.
///
/// A transaction whose commit was not answered has happened or not: `writers` tells, once the
/// connection is back. Whoever waits for it waits until then.
actor PostgresWriter {
    struct Job: Sendable {
        let commands: [LedgerCommand]
        let answer: CheckedContinuation<Result<[LedgerAnswer], LedgerError>, Never>
    }

    /// A transaction of which nobody knows whether it happened.
    private struct Unresolved {
        let group: [Job]
        let answers: [LedgerAnswer]
        let transaction: Int64
    }

    /// What is open on a connection.
    private struct Open {
        let session: PostgresSession
        let state: SQLWriterState
    }

    /// After how many transactions in a row a node takes itself to be alone.
    private static let transactionsAlone = 32
    /// Between two attempts to find out what became of a transaction: 100 ms.
    private static let resolvingInterval = DispatchTimeInterval.milliseconds(100)
    /// How much later the steady clock may be told that it is: 10 s, in nanoseconds.
    private static let longestStep: Int64 = 10_000_000_000

    private let executor: ConnectionExecutor
    private let options: PostgresOptions
    /// Its row in `writers`.
    private let id: String
    /// What tells the buckets that it wrote from those of others.
    private let life: Timestamp
    private let queue = Mutex(CommitQueue<Job>())
    private var open: Open?
    private var unresolved: Unresolved?
    private var isClosed = false
    /// How many transactions ago others wrote before it.
    private var sinceOthers = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ options: PostgresOptions, id: String) {
        self.options = options
        self.id = id
        life = Timestamp(nanoseconds: id.fingerprint)
        executor = ConnectionExecutor(label: "weir.ledger.writer")
    }

    // MARK: Jobs

    nonisolated func commit(
        _ commands: [LedgerCommand]
    ) async throws(LedgerError) -> [LedgerAnswer] {
        try await withCheckedContinuation { continuation in
            enqueue(Job(commands: commands, answer: continuation))
        }
        .get()
    }

    private nonisolated func enqueue(_ job: Job) {
        switch queue.withLock({ $0.append(job) }) {
        case .queued: break
        case .startWriter: Task { await work() }
        case .refused:
            job.answer.resume(
                returning: .failure(LedgerError(.closed, "the ledger takes no more commands")))
        }
    }

    /// Does what waits, group after group.
    private func work() {
        while true {
            let group = queue.withLock { $0.nextGroup() }
            if group.isEmpty { return }
            run(group)
        }
    }

    private func run(_ group: [Job]) {
        guard unresolved == nil else {
            let error = LedgerError(
                .unreachable, "the ledger is out of reach, and did not answer its last commit")
            for job in group { job.answer.resume(returning: .failure(error)) }
            return
        }
        do throws(LedgerError) {
            switch try transact(group.flatMap(\.commands)) {
            case .done(let answers): Self.answer(group, answers)
            case .unknown(let answers, let transaction):
                unresolved = Unresolved(
                    group: group, answers: answers, transaction: transaction)
                resolve()
            }
        } catch  where [.invariant, .diskFull].contains(error.code) && group.count > 1 {
            // One bad command must not take the others of its group with it.
            for job in group { run([job]) }
        } catch {
            for job in group { job.answer.resume(returning: .failure(error)) }
        }
    }

    private static func answer(_ group: [Job], _ answers: [LedgerAnswer]) {
        var start = 0
        for job in group {
            let end = start + job.commands.count
            job.answer.resume(returning: .success(Array(answers[start..<end])))
            start = end
        }
    }

    // MARK: A lost answer

    /// Finds out whether the transaction happened, now or later.
    private func resolve() {
        guard let asked = unresolved else { return }
        do throws(LedgerError) {
            let hasHappened = try happened(asked.transaction)
            unresolved = nil
            if hasHappened { Self.answer(asked.group, asked.answers) } else { run(asked.group) }
        } catch {
            guard !isClosed else {
                unresolved = nil
                for job in asked.group { job.answer.resume(returning: .failure(error)) }
                return
            }
            executor.queue.asyncAfter(deadline: .now() + Self.resolvingInterval) { [weak self] in
                guard let self else { return }
                Task { await self.resolve() }
            }
        }
    }

    /// Whether a transaction of this ledger was committed.
    ///
    /// The lock waits for it where the server has not ended it yet.
    private func happened(_ transaction: Int64) throws(LedgerError) -> Bool {
        let open = try opened()
        return try rollingBack(open) { () throws(LedgerError) in
            _ = try lockHead(open.session)
            let row = try open.session.first(
                "SELECT transaction FROM writers WHERE id = ?", [.of(id)])
            _ = try open.session.send([PostgresStatement("COMMIT")])
            return row.map { $0["transaction"] as Int64 } == transaction
        }
    }

    // MARK: Transactions

    private enum Outcome {
        case done([LedgerAnswer])
        case unknown([LedgerAnswer], transaction: Int64)
    }

    /// Runs commands in one transaction; once more where the connection turns out to be dead before
    /// anything was to be committed.
    private func transact(_ commands: [LedgerCommand]) throws(LedgerError) -> Outcome {
        let wasOpen = open != nil
        do throws(LedgerError) { return try attempt(commands) } catch {
            guard error.code == .unreachable, wasOpen, open == nil else { throw error }
        }
        return try attempt(commands)
    }

    private func attempt(_ commands: [LedgerCommand]) throws(LedgerError) -> Outcome {
        let open = try opened()
        return try rollingBack(open) { () throws(LedgerError) in
            // Alone, a node remembers all it needs.
            let isAlone = sinceOthers >= Self.transactionsAlone
            let prefetch = Prefetch(isAlone ? [] : commands)
            let (head, found) = try lockHead(open.session, and: prefetch.statements)
            let hasOthers = open.state.begin(
                head: head.head, transactions: head.transactions, lastAnswer: head.lastAnswer)
            sinceOthers = hasOthers ? 0 : sinceOthers + 1
            open.state.preloaded = try prefetch.preloaded(found, open.session)
            let (now, steady) = head.clocks(
                options.clock, longestStep: options.clock.isManual ? .max : Self.longestStep)
            var transaction = try LedgerTransaction(
                reader: SQLReader(state: open.state, now: now, steady: steady), now: now,
                steady: steady)
            var answers: [LedgerAnswer] = []
            answers.reserveCapacity(commands.count)
            for command in commands { answers.append(try transaction.run(command)) }
            let changes = try transaction.finish()
            if changes.isEmpty {
                _ = try open.session.send([PostgresStatement("COMMIT")])
                return .done(answers)
            }
            try changes.write(open.state)
            try note(changes.transaction, now: now, steady: steady, open.session)
            for text in NewsText.texts(changes.news, from: id) { try tell(text, open.session) }
            return try commit(open, changes, answers)
        }
    }

    private func commit(
        _ open: Open,
        _ changes: LedgerChanges,
        _ answers: [LedgerAnswer]
    ) throws(LedgerError) -> Outcome {
        do throws(PostgresError) {
            try open.session.commit()
        } catch {
            guard error.kind == .lost else { throw LedgerError(error) }
            return .unknown(answers, transaction: changes.transaction)
        }
        open.state.remember(changes)
        return .done(answers)
    }

    private static let headText = """
        SELECT head.*,
            (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us,
            (SELECT coalesce(max(number), 0) FROM answers) AS last_answer
        FROM head
        """

    /// Locks the head and reads it, with the clocks.
    ///
    /// What is sent with it is read under the lock, too.
    private func lockHead(
        _ session: PostgresSession,
        and statements: [PostgresStatement] = []
    ) throws(LedgerError) -> (head: LockedHead, results: [PostgresResult]) {
        session.gather(PostgresStatement("BEGIN"))
        // What is read by the statement that waits for the lock is of before the wait.
        session.gather(PostgresStatement("SELECT 1 FROM head FOR UPDATE"))
        var results = try session.send([PostgresStatement(Self.headText)] + statements)[...]
        var head: LockedHead?
        if let result = results.popFirst() {
            try session.rows(of: result, as: Self.headText) { row throws(LedgerError) in
                head = LockedHead(row)
                return false
            }
        }
        guard let head else { throw LedgerError(.differs, "the ledger has no head") }
        return (head, Array(results))
    }

    /// Notes what tells whether the transaction happened, and the clocks.
    private func note(
        _ transaction: Int64?,
        now: Timestamp,
        steady: Timestamp,
        _ session: PostgresSession
    ) throws(LedgerError) {
        try session.run("UPDATE head SET steady_ns = ?, wall_ns = ?") { row in
            row.add(steady.nanoseconds)
            row.add(now.nanoseconds)
        }
        guard let transaction else { return }
        try session.run(
            """
            INSERT INTO writers (id, transaction, wall_ns) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                transaction = excluded.transaction, wall_ns = excluded.wall_ns
            """
        ) { row in
            row.add(id)
            row.add(transaction)
            row.add(now.nanoseconds)
        }
    }

    /// Notifies the other nodes, with the commit.
    private func tell(_ text: String, _ session: PostgresSession) throws(LedgerError) {
        try session.run("SELECT pg_notify('weir:' || current_schema(), ?)") { $0.add(text) }
    }

    /// Asks the other nodes to give back.
    func recall(_ accounts: [AccountKey]) throws(LedgerError) {
        let open = try opened()
        try rollingBack(open) { () throws(LedgerError) in
            for text in NewsText.texts(accounts.map { .recall($0) }, from: id) {
                try tell(text, open.session)
            }
            _ = try open.session.send([])
        }
    }

    /// Ends the transaction when the body throws, and forgets a connection that died.
    private func rollingBack<Value>(
        _ open: Open,
        _ body: () throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        defer { if open.session.isDead { self.open = nil } }
        do throws(LedgerError) { return try body() } catch {
            open.session.dropGathered()
            if !open.session.isDead {
                _ = try? open.session.send([PostgresStatement("ROLLBACK")])
            }
            throw error
        }
    }

    private func opened() throws(LedgerError) -> Open {
        if let open { return open }
        if isClosed { throw LedgerError(.closed, "the ledger is closed") }
        let session = try PostgresSession(options)
        // What another of these wrote is told by the wall clock.
        let made = Open(session: session, state: SQLWriterState(session, life: life))
        open = made
        return made
    }

    // MARK: Life

    /// Brings the schema up to date, and has the one connection ready.
    func start() throws(LedgerError) {
        let open = try opened()
        try rollingBack(open) { () throws(LedgerError) in
            try Migrations.run(on: open.session)
            // What was not heard while no ledger was there is no silence.
            let (now, steady) = try lockHead(open.session).head
                .clocks(options.clock, longestStep: Self.longestStep)
            try note(nil, now: now, steady: steady, open.session)
            _ = try open.session.send([PostgresStatement("COMMIT")])
        }
    }

    /// Forgets what is kept to be fast; answers how much that was.
    func forget() -> Int { open?.state.forget() ?? 0 }

    /// Takes no more jobs.
    ///
    /// - Returns: whether it did until now.
    nonisolated func stop() -> Bool { queue.withLock { $0.close() } }

    /// Closes the connection, after what was there to do.
    func close() {
        isClosed = true
        if let open {
            try? open.session.run("DELETE FROM writers WHERE id = ?") { $0.add(id) }
            _ = try? open.session.send([])
            open.session.finalize()
        }
        open = nil
    }
}

extension String {
    /// A number for it, by FNV-1a: Fowler, Noll and Vo.
    fileprivate var fingerprint: Int64 {
        Int64(
            bitPattern: utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }
}
