import LedgerSQL
import PostgresWire
import QuotaLedger
import Synchronization

/// The connection that hears what other nodes do, and that tells which node leads.
///
/// The server notifies at once. Behind that stands a look at the ledger's revision every two
/// seconds, which also notices when the connection is dead.
actor PostgresListener {
    /// How long a wait lasts, after which it is looked whether anybody still listens.
    private static let patience = Duration.milliseconds(250)
    /// After how many waits without news the ledger is looked at.
    private static let waitsBetweenLooks = 8

    private let executor: ConnectionExecutor
    private let options: PostgresOptions
    private let id: String
    private let leads = Atomic(false)
    private var session: PostgresSession?
    /// The ledger's revision at the last look; nil when news have changed it since.
    private var revision: Int64?
    private var quietWaits = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Whether this node leads.
    nonisolated var isLeader: Bool { leads.load(ordering: .relaxed) }

    init(_ options: PostgresOptions, id: String) {
        self.options = options
        self.id = id
        executor = ConnectionExecutor(label: "weir.ledger.listener")
    }

    /// Waits a moment for news.
    func next() throws(LedgerError) -> [LedgerNews] {
        do throws(LedgerError) {
            guard let session else { return try open() }
            let said = try session.notifications(waiting: Self.patience)
            let news = said.flatMap { NewsText.news($0.payload, besides: id) }
            quietWaits = said.isEmpty ? quietWaits + 1 : 0
            if !said.isEmpty { revision = nil }
            guard quietWaits >= Self.waitsBetweenLooks else { return news }
            quietWaits = 0
            // What a quiet channel has not told, something has swallowed.
            return try look(session) ? [.directory] : news
        } catch {
            close()
            throw error
        }
    }

    private func open() throws(LedgerError) -> [LedgerNews] {
        let made = try PostgresSession(options)
        session = made
        let channel =
            try made.first(
                "SELECT quote_ident('weir:' || current_schema()) AS channel"
            )
            .map { $0["channel"] as String }
        _ = try made.send([PostgresStatement("LISTEN \(channel ?? "weir")")])
        _ = try look(made)
        return [.directory]
    }

    /// Looks at the ledger; answers whether it has changed since the last look.
    private func look(_ session: PostgresSession) throws(LedgerError) -> Bool {
        if !isLeader {
            // The lock of the node that leads; of each schema its own.
            let row = try session.first(
                """
                SELECT pg_try_advisory_lock(824198, hashtext(current_schema()))::int AS is_leader
                """)
            leads.store(row.map { $0["is_leader"] as Int64 } == 1, ordering: .relaxed)
        }
        let found =
            try session.first("SELECT revision FROM head")
            .map { $0["revision"] as Int64 } ?? 0
        defer { revision = found }
        return revision.map { $0 != found } ?? false
    }

    func close() {
        leads.store(false, ordering: .relaxed)
        session?.finalize()
        session = nil
    }
}

extension PostgresSession {
    fileprivate func notifications(
        waiting patience: Duration
    ) throws(LedgerError) -> [PostgresNotification] {
        do throws(PostgresError) { return try connection.notifications(waiting: patience) } catch {
            throw LedgerError(error)
        }
    }
}
