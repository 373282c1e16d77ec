import CoreMetrics
import EmbeddedNode
import Foundation
import Logging
import PrometheusExposition
import QuotaLedger
import QuotaModel
import QuotaNode
import ServiceLifecycle
import UnixSignals
import UsageJournal
import Webhooks
import WeirHTTP

/// The server: puts the parts together in the order in which they depend on each other, and runs
/// them.
public struct WeirServer: Sendable {
    let configuration: ServerConfiguration

    /// Creates a server.
    public init(_ configuration: ServerConfiguration) {
        self.configuration = configuration
    }

    /// Runs until SIGTERM or SIGINT, then stops gracefully.
    ///
    /// - Parameter announce: called once, when requests are answered.
    /// - Throws: ``StartFailure`` with one clear line.
    public func run(announce: @escaping @Sendable (Announcement) -> Void) async throws {
        let level = configuration.logLevel
        // Who reads our output may go away; that must not end the server.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
        let registry = MetricRegistry()
        MetricsSystem.bootstrap(PrometheusMetricsFactory(registry: registry))
        let logger = Logger(label: "weir")
        do {
            let machine = Machine.system
            let ledger = try await openLedger(machine, logger)
            try await serve(
                ledger, on: machine, registry: registry, logger: logger, announce: announce)
        } catch let error as StartFailure {
            throw error
        } catch let error as LedgerError {
            throw StartFailure(error.message)
        } catch let error as JournalError {
            throw StartFailure("\(error)")
        }
    }

    private func openLedger(
        _ machine: Machine,
        _ logger: Logger
    ) async throws -> OpenLedger {
        try await EmbeddedNode.openLedger(
            at: configuration.ledger, folder: configuration.dataFolder, machine: machine
        ) { error in
            // Nobody knows what is on the disk now: the next start recovers from the log.
            logger.critical("the ledger failed; stopping", metadata: ["error": "\(error)"])
            exit(70)
        }
    }

    private func serve(
        _ ledger: OpenLedger,
        on machine: Machine,
        registry: MetricRegistry,
        logger: Logger,
        announce: @escaping @Sendable (Announcement) -> Void
    ) async throws {
        let tls = try certificate(logger)
        let admin = try await Secrets.adminToken(
            given: configuration.adminToken, ledger: ledger.ledger)
        let node = try await startNode(ledger, on: machine, logger)
        let metrics = APIMetrics(
            registry: registry, clock: { SystemClock.steadyNow().nanoseconds })
        metrics.observe(node)
        if !configuration.node.isEnforced {
            logger.warning("limits are not enforced: ENABLE_REDIS_QUOTA is false")
        }
        let readiness = Readiness()
        let resolver = SystemResolver()
        let api = WeirAPI(
            node: node, admin: admin.token, readiness: readiness, metrics: metrics,
            logger: logger,
            backups: ledger.backups,
            vetting: WebhookVetting(policy: configuration.webhookPolicy, resolver: resolver),
            credentialFailuresPerMinute: configuration.credentialFailuresPerMinute,
            explainedDecisions: configuration.explainedDecisions,
            pause: machine.sleep)
        let gateway = try await startGateway(node, api, registry: registry, on: machine)
        let limits = limits(logger)
        let gate = StartGate(count: listeners.count)
        let hasStoredToken = configuration.adminToken == nil && admin.newText == nil
        let listenerServices = listeners.map { address, part in
            ListenerService(
                address: address, api: api, part: part, limits: limits, gateway: gateway,
                certificate: tls?.served, logger: Logger(label: "weir.http")
            ) { url in
                guard let urls = gate.opened(address.portSetting, url: url) else { return }
                if admin.newText != nil {
                    do {
                        try await Secrets.keep(admin.token, ledger: ledger.ledger)
                    } catch {
                        logger.critical("the admin token can't be stored: \(error)")
                        exit(1)
                    }
                }
                readiness.set(true)
                announce(
                    Announcement(
                        address: urls[.port] ?? "", adminAddress: urls[.adminPort],
                        newAdminToken: admin.newText, hasStoredAdminToken: hasStoredToken))
            }
        }
        // They stop in the opposite order: first /readyz says no, at last the ledger closes.
        let upkeep = NodeUpkeep(node, machine: machine, logger: logger)
        var services: [any Service] = [
            LedgerService(ledger: ledger),
            JournalService(upkeep: upkeep),
            SweepService(upkeep: upkeep),
        ]
        if node.isShared { services.append(NewsService(upkeep: upkeep)) }
        if let check = selfCheck(registry) { services.append(check) }
        if let tls { services.append(tls) }
        let sender = WebhookSender(
            policy: configuration.webhookPolicy, resolver: resolver, now: machine.clock)
        services.append(
            NotificationService(
                node: node, sender: sender, secrets: { node.webhookSecrets(of: $0, at: $1) },
                random: machine.random, sleep: machine.sleep,
                logger: Logger(label: "weir.notifications")))
        // It stops after the listeners: their last requests are booked before the journal ends.
        if let gateway { services.append(GatewayService(gateway: gateway)) }
        services += listenerServices
        services.append(
            ReadinessService(
                readiness: readiness, drainSeconds: configuration.drainSeconds, logger: logger))
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger)
        )
        .run()
        logger.info("stopped")
    }

    private func startNode(
        _ ledger: OpenLedger,
        on machine: Machine,
        _ logger: Logger
    ) async throws -> QuotaNode {
        let options = EmbeddedNode.Options(
            folder: configuration.dataFolder, durability: configuration.durability,
            setsJournalAside: configuration.setsJournalAside, node: configuration.node,
            peppers: configuration.peppers, name: configuration.nodeName)
        return try await EmbeddedNode(ledger: ledger, options: options, machine: machine) { error in
            // Nobody knows what is on the disk now: the next start recovers from the log.
            logger.critical("the journal failed; stopping", metadata: ["error": "\(error)"])
            exit(70)
        }
        .node
    }

    private func selfCheck(_ registry: MetricRegistry) -> SelfCheckService? {
        guard configuration.verifyIntervalSeconds > 0, case .embedded = configuration.ledger else {
            return nil
        }
        return SelfCheckService(
            report: SelfCheckReport(registry: registry, logger: Logger(label: "weir.verify")),
            interval: .seconds(configuration.verifyIntervalSeconds),
            folder: configuration.dataFolder,
            clock: SystemClock.wallNow,
            sleep: { try? await Task.sleep(for: $0) })
    }
}

/// What a server that answers requests has to say.
public struct Announcement: Hashable, Sendable {
    /// The address, for example `http://127.0.0.1:8080`.
    public let address: String
    /// The address of the admin listener, where there is one.
    public let adminAddress: String?
    /// The admin token, if it was made now; it is kept nowhere.
    public let newAdminToken: String?
    /// Whether the token of the first start holds, which only its owner knows.
    public let hasStoredAdminToken: Bool
}
