// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import GRDB
import LedgerSQL
public import QuotaLedger
public import QuotaModel
import Synchronization

/// The embedded ledger: SQLite in write-ahead mode, each group of commands synced to the disk
/// before it is answered.
///
/// Exactly one connection writes and checkpoints; the others only read.
public final class LedgerSQLite: Ledger {
    private struct Job: Sendable {
        let commands: [LedgerCommand]
        let answer: CheckedContinuation<Result<[LedgerAnswer], LedgerError>, Never>
    }

    /// What the writer keeps of the database in memory, at most; readers keep SQLite's 2 MiB each.
    private static let cacheKibibytes = 32_768
    /// How many pages of 4 KiB the log gathers before they are written to their places: busy pages
    /// change many times in between, and what waits for the writer waits for all of them.
    private static let checkpointPages = 1_024

    let pool: DatabasePool
    let lookUps: LookUps
    package let folder: DataFolder
    let backupSlot = BackupSlot()
    /// Counts how often this ledger went on from a backup: 1 for one that never did.
    ///
    /// What a node has written down under a smaller one may speak of what this ledger never knew.
    public let generation: Int64
    private let writer: SQLWriterState
    private let log: LogWatch
    private let queue = Mutex(CommitQueue<Job>())
    private let failure = Mutex<LedgerError?>(nil)
    private let clock: @Sendable () -> Timestamp
    private let steadyClock: @Sendable () -> Timestamp
    private let onBroken: @Sendable (LedgerError) -> Void

    /// Opens the ledger of a data folder, and creates or migrates it where needed.
    ///
    /// - Parameters:
    ///   - folder: the locked data folder.
    ///   - clock: the ledger's clock, asked once a transaction.
    ///   - steadyClock: a clock that nobody can set, for rates; nil takes `clock`.
    ///   - onBroken: called once when the store has failed in a way that only a restart can mend.
    /// - Throws: `newer_schema`, `unusable_folder` or `broken`.
    public init(
        folder: DataFolder,
        clock: @escaping @Sendable () -> Timestamp,
        steadyClock: (@Sendable () -> Timestamp)? = nil,
        onBroken: @escaping @Sendable (LedgerError) -> Void = { _ in }
    ) throws(LedgerError) {
        self.folder = folder
        self.clock = clock
        let steadyClock = steadyClock ?? clock
        self.steadyClock = steadyClock
        self.onBroken = onBroken
        try RestoreFiles.recover(in: folder)
        let life = steadyClock()
        pool = try Self.open(folder.databasePath, life: life)
        lookUps = try LookUps(path: folder.databasePath)
        writer = pool.writeWithoutTransaction {
            SQLWriterState(SQLiteSession($0, isBrief: false), life: life)
        }
        log = LogWatch()
        pool.writeWithoutTransaction { [log] in log.watch($0) }
        let (stored, mark) = try Self.readGeneration(pool)
        generation = mark == nil ? stored : stored + 1
        guard let mark else { return }
        let commands = LedgerGeneration.beginning(generation, batch: mark)
        let result = pool.writeWithoutTransaction { [self] _ in
            Result { () throws(LedgerError) in try transact(commands) }
        }
        _ = try result.get()
    }

    private static func readGeneration(
        _ pool: DatabasePool
    ) throws(LedgerError) -> (stored: Int64, mark: String?) {
        do {
            return try pool.read { database in
                func setting(_ name: String) throws -> String? {
                    try String.fetchOne(
                        database, sql: "SELECT value FROM settings WHERE name = ?",
                        arguments: [name])
                }
                return (
                    LedgerGeneration.number(try setting(LedgerGeneration.setting)),
                    try setting(LedgerGeneration.mark)
                )
            }
        } catch {
            throw LedgerError(error)
        }
    }

    private static func open(
        _ path: String,
        life: Timestamp
    ) throws(LedgerError) -> DatabasePool {
        do {
            var configuration = Configuration()
            configuration.label = "weir.ledger"
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { database in
                // SQLite tells of a failed sync when the statement is stepped to its end.
                if database.configuration.readonly { return }
                _ = try Row.fetchAll(database, sql: "PRAGMA journal_mode = WAL")
                // No error of a checkpoint may go unnoticed: see `checkpointWhenDue`.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                try database.execute(
                    sql: """
                        PRAGMA synchronous = FULL;
                        PRAGMA cache_size = -\(Self.cacheKibibytes);
                        """)
            }
            let migrator = Migrations.migrator
            guard try pool.read(migrator.hasBeenSuperseded) == false else {
                throw LedgerError(
                    .newerSchema,
                    "\(path) was written by a newer Weir; run that version, or restore a backup "
                        + "made before the upgrade")
            }
            try migrator.migrate(pool)
            // A file that can be read but not written to is better noticed now.
            try pool.write { database in
                try database.execute(sql: "UPDATE head SET only = only")
                // The steady clock of another life of the store says nothing in this one.
                try database.execute(
                    sql: "UPDATE holders SET heard_at_ns = ? WHERE state = 'live'",
                    arguments: [life.nanoseconds])
            }
            return pool
        } catch let error as LedgerError {
            throw error
        } catch let error as DatabaseError {
            throw LedgerError(
                .unusableFolder,
                "\(path) can't be opened: \(error.message ?? "unknown error") "
                    + "(SQLite code \(error.extendedResultCode.rawValue))")
        } catch {
            throw LedgerError(.unusableFolder, "\(path) can't be opened: \(error)")
        }
    }

    public func commit(_ commands: [LedgerCommand]) async throws(LedgerError) -> [LedgerAnswer] {
        if let answers = try look(commands) { return answers }
        return try await withCheckedContinuation { continuation in
            enqueue(Job(commands: commands, answer: continuation))
        }
        .get()
    }

    /// Takes one look on the thread that asks, as long as the writer is idle; nil when it is not.
    ///
    /// Handing the look over, and its answer back, would take longer than the look.
    private func look(_ commands: [LedgerCommand]) throws(LedgerError) -> [LedgerAnswer]? {
        guard commands.count == 1, case .view? = commands.first,
            queue.withLock({ $0.takeWriter() })
        else { return nil }
        defer { if queue.withLock({ $0.giveWriterBack() }) { startWriter() } }
        let result = pool.writeWithoutTransaction { [self] _ in
            Result { () throws(LedgerError) in try transact(commands) }
        }
        return try result.get()
    }

    private func startWriter() {
        pool.asyncWriteWithoutTransaction { [self] in runWriter($0) }
    }

    private func enqueue(_ job: Job) {
        switch queue.withLock({ $0.append(job) }) {
        case .queued: break
        case .startWriter: startWriter()
        case .refused:
            job.answer.resume(
                returning: .failure(LedgerError(.closed, "the ledger takes no more commands")))
        }
    }

    /// Does what waits, group after group, on the writer's queue.
    private func runWriter(_ database: Database) {
        while true {
            let group = queue.withLock { $0.nextGroup() }
            if group.isEmpty { return }
            run(group)
            // What was answered is in the log; nobody of the group waits for this.
            checkpointWhenDue(database)
        }
    }

    private func run(_ group: [Job]) {
        do throws(LedgerError) {
            let answers = try transact(group.flatMap(\.commands))
            var start = 0
            for job in group {
                let end = start + job.commands.count
                job.answer.resume(returning: .success(Array(answers[start..<end])))
                start = end
            }
        } catch  where [.invariant, .diskFull].contains(error.code) && group.count > 1 {
            // One bad command must not take the others of its group with it, and on a full disk
            // reads go on.
            for job in group { run([job]) }
        } catch {
            for job in group { job.answer.resume(returning: .failure(error)) }
        }
    }

    private func transact(_ commands: [LedgerCommand]) throws(LedgerError) -> [LedgerAnswer] {
        if let failure = failure.withLock({ $0 }) { throw failure }
        do {
            let (now, steady) = (clock(), steadyClock())
            var transaction = try LedgerTransaction(
                reader: SQLReader(state: writer, now: now, steady: steady), now: now,
                steady: steady)
            var answers: [LedgerAnswer] = []
            answers.reserveCapacity(commands.count)
            for command in commands { answers.append(try transaction.run(command)) }
            let changes = try transaction.finish()
            if changes.isEmpty { return answers }
            try writer.sql.transaction { () throws(LedgerError) in try changes.write(writer) }
            writer.remember(changes)
            return answers
        } catch {
            throw broken(LedgerError(error))
        }
    }

    /// Writes the log's pages to their places when there are many.
    ///
    /// What is in the log is safe, so a full disk or a busy reader only puts it off. A failed sync
    /// ends the server: the pages may be gone, and the log must not be written over.
    private func checkpointWhenDue(_ database: Database) {
        guard log.pages >= Self.checkpointPages else { return }
        do {
            try database.checkpoint(.passive)
        } catch {
            _ = broken(LedgerError(error))
        }
    }

    /// Remembers an error after which nothing more may be written.
    private func broken(_ error: LedgerError) -> LedgerError {
        guard error.code == .broken else { return error }
        let isFirst = failure.withLock { failure in
            defer { failure = failure ?? error }
            return failure == nil
        }
        if isFirst { onBroken(error) }
        return error
    }

    /// Does what still waits, and closes the database; a second close does nothing.
    public func close() async throws(LedgerError) {
        guard queue.withLock({ $0.close() }) else { return }
        do {
            try await pool.writeWithoutTransaction { [writer] database in
                writer.sql.finalize()
                // What is in the log goes to its place, so that the database file is whole alone;
                // where that can't be, the next start finds it in the log.
                _ = try? database.checkpoint(.truncate)
            }
            try lookUps.close()
            try pool.close()
        } catch {
            throw LedgerError(error)
        }
    }

    public func dropCaches() async throws(LedgerError) -> Int {
        do {
            return try await pool.writeWithoutTransaction { [writer] _ in writer.forget() }
        } catch {
            throw LedgerError(error)
        }
    }
}
