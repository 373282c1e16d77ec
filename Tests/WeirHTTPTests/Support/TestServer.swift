import Hummingbird
import Logging
import PrometheusExposition
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Webhooks
import WeirHTTP

/// A node with its HTTP API in memory, on a clock that stands still.
struct TestServer: Sendable {
    static let adminToken = "admin-token-of-the-tests"
    static let pepper = Pepper(version: 1, secret: Array(repeating: 7, count: 32))

    let clock: ManualClock
    let ledger: HookedLedger
    let node: QuotaNode
    let logs: LogRecorder
    let readiness: Readiness
    let backups: StandInBackups
    /// What is answered before it comes to the routes.
    let answers: ImmediateAnswers
    /// What is kept of decisions.
    let explanations: Explanations
    let application: Application<RouterResponder<APIContext>>

    /// Starts a server at an instant, on a ledger in memory of its own.
    init(
        at instant: String = "2026-11-21T10:00:00.123Z",
        settings: NodeSettings = NodeSettings()
    ) async throws {
        let clock = ManualClock(Timestamp(instant)!)
        try await self.init(
            on: MemoryLedger(clock: clock.read), clock: clock, settings: settings)
    }

    /// Starts a server on a ledger.
    init(
        on base: any Ledger,
        clock: ManualClock,
        settings: NodeSettings = NodeSettings(),
        files: MemoryFiles = MemoryFiles(),
        seed: UInt64 = 1
    ) async throws {
        let ledger = HookedLedger(base)
        let random = SharedRandom(seed: seed)
        let node = try await QuotaNode(
            ledger: ledger, settings: settings, peppers: [Self.pepper],
            journal: .inMemory(files), clock: clock.read, steadyClock: clock.read,
            random: { random.next() })
        let (logs, readiness) = (LogRecorder(), Readiness())
        let metrics = APIMetrics(registry: MetricRegistry(), clock: { 0 })
        metrics.observe(node)
        readiness.set(true)
        let backups = StandInBackups(base as? any BackupSource)
        let api = WeirAPI(
            node: node, admin: AdminToken(text: Self.adminToken), readiness: readiness,
            metrics: metrics, logger: logs.logger, backups: backups,
            vetting: WebhookVetting(policy: AddressPolicy(), resolver: StandInResolver()),
            pause: { _ in await Task.yield() })
        self.backups = backups
        answers = api.immediateAnswers
        explanations = api.explanations
        self.clock = clock
        self.ledger = ledger
        self.node = node
        self.logs = logs
        self.readiness = readiness
        application = Application(router: api.router(), logger: logs.logger)
    }

    /// Whoever holds the admin token.
    var admin: Client { Client(application: application, credential: Self.adminToken) }

    /// Whoever holds nothing.
    var anonymous: Client { Client(application: application, credential: nil) }

    /// Whoever holds this text.
    func bearer(_ credential: String) -> Client {
        Client(application: application, credential: credential)
    }
}
