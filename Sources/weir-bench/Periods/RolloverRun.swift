import EmbeddedNode
import GRDB
import LedgerSQLite
import Logging
import QuotaModel
import QuotaNode
import WeirClient

/// A node as the server has one, on a clock of another time of the year.
struct RolloverRun: Sendable {
    let clock: ShiftedClock
    let embedded: EmbeddedNode
    /// Where the database is.
    let databasePath: String
    private let upkeep: NodeUpkeep
    /// Only looks: the ledger's own connection alone writes.
    private let reader: DatabaseQueue

    var node: QuotaNode { embedded.node }

    init(folder: String, start: Timestamp) async throws {
        let clock = ShiftedClock(start)
        self.clock = clock
        let machine = Machine(
            clock: { clock.now() }, steadyClock: { clock.now() },
            random: { UInt64.random(in: .min ... .max) },
            sleep: { try? await Task.sleep(for: $0) })
        let ledger = try await EmbeddedNode.openLedger(folder: folder, machine: machine) { error in
            fatalError("the ledger failed: \(error)")
        }
        databasePath = ledger.folder.databasePath
        embedded = try await EmbeddedNode(
            ledger: ledger, options: .init(folder: folder), machine: machine
        ) { error in
            fatalError("the journal failed: \(error)")
        }
        upkeep = NodeUpkeep(
            embedded.node, machine: machine,
            logger: Logger(label: "weir-bench") { _ in SwiftLogNoOpLogHandler() })
        var configuration = Configuration()
        configuration.readonly = true
        reader = try DatabaseQueue(
            path: databasePath, configuration: configuration)
    }

    /// Runs with all that the server does beside decisions, every 100 ms and every second.
    func whileTended<Value: Sendable>(
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await upkeep.foldAgainAndAgain() }
            group.addTask { await upkeep.sweepAgainAndAgain() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    func end() async throws {
        try reader.close()
        try await node.end()
        try await embedded.close()
    }

    /// Whether more than so many accounts are left whose period has ended.
    func ended(at boundary: Timestamp, moreThan count: Int) async throws -> Bool {
        try await reader.read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM accounts WHERE period_end_ns <= ? LIMIT 1 OFFSET ?)
                    """, arguments: [boundary.nanoseconds, count]) ?? false
        }
    }
}
