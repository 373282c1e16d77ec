import CoreMetrics
import Foundation
import Hummingbird
import LedgerSQLite
import Logging
import NIOCore
import PrometheusExposition
import QuotaCalendar
import QuotaLedger
import QuotaModel
import QuotaNode
import ServiceLifecycle
import UnixSignals
import WeirHTTP

/// The server: puts the parts together in the order in which they depend on each other, and runs
/// them.
public struct WeirServer: Sendable {
    /// How long requests under way may take once the server stops, in seconds.
    private static let stopSeconds = 30

    private let configuration: ServerConfiguration

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
            try CalendarSelfCheck.run()
            let ledger = try openLedger(logger)
            try await serve(ledger, registry: registry, logger: logger, announce: announce)
        } catch let error as StartFailure {
            throw error
        } catch let error as LedgerError {
            throw StartFailure(error.message)
        } catch let error as CalendarError {
            throw StartFailure("the time-zone database is not usable: \(error.message)")
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartFailure(
                "port \(configuration.port) on \(configuration.host) is in use; stop the other "
                    + "program or choose another port with --port")
        } catch let error as IOError {
            throw StartFailure(
                "can't listen on \(configuration.host):\(configuration.port): \(error)")
        } catch let error as SocketAddressError {
            throw StartFailure(
                "host \(configuration.host) is not an address of this machine (\(error)); choose "
                    + "another one with --host")
        }
    }

    private func openLedger(_ logger: Logger) throws -> LedgerSQLite {
        let folder = try DataFolder(path: configuration.dataFolder)
        return try LedgerSQLite(
            folder: folder,
            clock: SystemClock.wallNow,
            steadyClock: SystemClock.steadyNow,
            onBroken: { error in
                // Nobody knows what is on the disk now: the next start recovers from the log.
                logger.critical("the ledger failed; stopping", metadata: ["error": "\(error)"])
                exit(70)
            })
    }

    private func serve(
        _ ledger: LedgerSQLite,
        registry: MetricRegistry,
        logger: Logger,
        announce: @escaping @Sendable (Announcement) -> Void
    ) async throws {
        let pepper = try await Secrets.pepper(
            folder: configuration.dataFolder, ledger: ledger)
        let admin = try await Secrets.adminToken(given: configuration.adminToken, ledger: ledger)
        let node = try await QuotaNode(
            ledger: ledger,
            settings: configuration.node,
            peppers: [pepper],
            clock: SystemClock.wallNow,
            random: { UInt64.random(in: .min ... .max) })
        let metrics = APIMetrics(
            registry: registry, clock: { SystemClock.steadyNow().nanoseconds })
        metrics.observe(node)
        if !configuration.node.isEnforced {
            logger.warning("limits are not enforced: ENABLE_REDIS_QUOTA is false")
        }
        let readiness = Readiness()
        let api = WeirAPI(
            node: node, admin: admin.token, readiness: readiness, metrics: metrics,
            logger: logger)
        let host = configuration.host
        let hasStoredToken = configuration.adminToken == nil && admin.newText == nil
        let application = Application(
            router: api.router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(75))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.port), serverName: "weir"),
            onServerRunning: { channel in
                if admin.newText != nil {
                    do {
                        try await Secrets.keep(admin.token, ledger: ledger)
                    } catch {
                        logger.critical("the admin token can't be stored: \(error)")
                        exit(1)
                    }
                }
                readiness.set(true)
                let name = host.contains(":") ? "[\(host)]" : host
                announce(
                    Announcement(
                        address: "http://\(name):\(channel.localAddress?.port ?? 0)",
                        newAdminToken: admin.newText,
                        hasStoredAdminToken: hasStoredToken))
            },
            logger: Logger(label: "weir.http"))
        // They stop in the opposite order: first /readyz says no, at last the ledger closes.
        let services: [any Service] = [
            LedgerService(ledger: ledger),
            SweepService(node: node, logger: logger),
            application,
            ReadinessService(
                readiness: readiness, drainSeconds: configuration.drainSeconds, logger: logger),
        ]
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger)
        )
        .run()
        logger.info("stopped")
    }
}

/// What a server that answers requests has to say.
public struct Announcement: Hashable, Sendable {
    /// The address, for example `http://127.0.0.1:8080`.
    public let address: String
    /// The admin token, if it was made now; it is kept nowhere.
    public let newAdminToken: String?
    /// Whether the token of the first start holds, which only its owner knows.
    public let hasStoredAdminToken: Bool
}
