import AsyncHTTPClient
import Logging
import MockBackend
import NIOCore
import NIOHTTP1
import NIOPosix
import PrometheusExposition
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Synchronization
import WeirHTTP

@testable import Gateway

/// A gateway on a socket, over a node in memory, before backends that pretend.
final class TestGateway: Sendable {
    static let pepper = Pepper(version: 1, secret: Array(repeating: 7, count: 32))
    static let tenant = TenantID(trusted: "acme")

    /// Changes a configuration.
    typealias Configure = @Sendable (inout GatewayConfiguration) -> Void

    let clock: ManualClock
    let node: QuotaNode
    let gateway: Gateway
    let registry = MetricRegistry()
    let backends: [MockBackend]
    /// A key of ``tenant``.
    let key: String
    let port: Int
    /// Who asks, however long the machine takes.
    private let client: HTTPClient
    private let listener: any Channel
    private let group: any EventLoopGroup
    /// The connections of all callers.
    private let callers: CallerChannels

    /// Starts a gateway with one model, `small`.
    init(
        limits: [Limit] = [],
        backends settings: [MockSettings] = [MockSettings()],
        kind: BackendConfiguration.Kind = .openai,
        price: ModelPrice? = nil,
        seed: UInt64 = 1,
        explainedDecisions: Int = 1_000,
        configure: Configure = { _ in }
    ) async throws {
        let clock = ManualClock()
        let random = SharedRandom(seed: seed)
        let node = try await QuotaNode(
            ledger: MemoryLedger(clock: clock.read), settings: NodeSettings(),
            peppers: [Self.pepper], journal: .inMemory(MemoryFiles()), clock: clock.read,
            steadyClock: clock.read, random: { random.next() })
        group = MultiThreadedEventLoopGroup.singleton
        var started: [MockBackend] = []
        for var settings in settings {
            settings.models = ["tiny"]
            started.append(try await MockBackend.start(settings, group: group))
        }
        backends = started
        let pricing = price.map { ModelPricing.priced($0) } ?? .free
        var configuration = GatewayConfiguration(models: [
            ModelConfiguration(
                name: ModelName(trusted: "small"), pricing: pricing,
                backends: try started.map { backend in
                    BackendConfiguration(
                        address: try BackendAddress(
                            backend.url + (kind == .openai ? "/v1" : "")), kind: kind,
                        model: "tiny", pricing: pricing)
                })
        ])
        configure(&configuration)
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let api = WeirAPI(
            node: node, admin: AdminToken(text: "admin-token-of-the-tests"),
            readiness: Readiness(), metrics: APIMetrics(registry: registry, clock: { 0 }),
            logger: logger, explainedDecisions: explainedDecisions,
            pause: { _ in await Task.yield() })
        let gateway = try Gateway(
            configuration, node: node, keys: api.tenantKeys, explanations: api.explanations,
            registry: registry, logger: logger, steadyClock: clock.read, random: { random.next() },
            sleep: { _ in await Task.yield() })
        try await gateway.prepare()
        _ = try await node.put(
            Plan(id: PlanID(trusted: "test"), name: "Test", weight: 1, limits: limits))
        try await node.create(
            Tenant(id: Self.tenant, plan: PlanID(trusted: "test"), createdAt: clock.read()))
        key = try await node.create(NewKey(tenant: Self.tenant, name: "test")).text
        (self.clock, self.node, self.gateway) = (clock, node, gateway)
        let callers = CallerChannels()
        self.callers = callers
        listener = try await ServerBootstrap(group: group)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(GatewayHandler(gateway))
                    callers.add(channel)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        // Last, since it has to be shut down.
        var settings = HTTPClient.Configuration()
        // A test waits for as long as it may.
        settings.timeout.connect = .minutes(15)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// Stops everything.
    func stop() async throws {
        try await client.shutdown()
        try await listener.close()
        for backend in backends { try await backend.stop() }
    }

    /// Starts a gateway, does something with it, and stops it.
    static func with<Answer>(
        limits: [Limit] = [],
        backends: [MockSettings] = [MockSettings()],
        kind: BackendConfiguration.Kind = .openai,
        price: ModelPrice? = nil,
        seed: UInt64 = 1,
        explainedDecisions: Int = 1_000,
        configure: Configure = { _ in },
        _ body: (TestGateway) async throws -> Answer
    ) async throws -> Answer {
        let server = try await TestGateway(
            limits: limits, backends: backends, kind: kind, price: price, seed: seed,
            explainedDecisions: explainedDecisions, configure: configure)
        do {
            let answer = try await body(server)
            try await server.stop()
            return answer
        } catch {
            try? await server.stop()
            throw error
        }
    }

    // MARK: Asking

    /// Sends a chat and reads the whole answer.
    func send(chat body: String) async throws -> TestAnswer {
        try await send("/v1/chat/completions", body)
    }

    /// Sends a request and reads the whole answer.
    func send(
        _ path: String,
        _ body: String,
        headers: HTTPHeaders = [:],
        method: HTTPMethod = .POST
    ) async throws -> TestAnswer {
        let response = try await respond(path, body, headers: headers, method: method)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return TestAnswer(
            status: Int(response.status.code), headers: response.headers,
            text: String(buffer: bytes))
    }

    /// Sends a request and waits for the head of the answer.
    func respond(
        _ path: String,
        _ body: String,
        headers: HTTPHeaders = [:],
        method: HTTPMethod = .POST
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        request.headers = headers
        if !headers.contains(name: "authorization") {
            request.headers.add(name: "Authorization", value: "Bearer \(key)")
        }
        if method == .POST {
            if !headers.contains(name: "content-type") {
                request.headers.add(name: "Content-Type", value: "application/json")
            }
            request.body = .bytes(ByteBuffer(string: body))
        }
        return try await client.execute(request, timeout: .hours(1))
    }

    /// Waits until no caller is there any more, and the gateway knows it.
    func callersHaveLeft() async throws {
        try await until { callers.all.allSatisfy { !$0.isActive } }
        // By then each handler has been told, too.
        for loop in group.makeIterator() { try await loop.submit {}.get() }
    }

    /// Waits until the connections of so many callers take no more.
    func callersAreSlow(_ count: Int) async throws {
        try await until {
            callers.all.count { $0.isActive && !$0.isWritable } >= count
        }
    }

    /// Waits until no exchange is under way, and everything is booked.
    func settle() async throws {
        for loop in group.makeIterator() {
            while try await loop.submit({ [gateway] in gateway.loop(loop).count }).get() > 0 {
                await Task.yield()
            }
        }
        await gateway.settlements.wait()
        try await node.fold()
    }

    /// What the tenant has used and holds of a meter's monthly limit, which the plan must have.
    func used(_ meter: MeterID) async throws -> (used: Int64, held: Int64) {
        let usage = try await node.usage(of: Self.tenant, key: nil)
        guard let status = usage.limits.first(where: { $0.meter == meter }) else { return (0, 0) }
        return (status.used, status.held)
    }
}

/// The connections of callers, of which some may be over.
private final class CallerChannels: Sendable {
    private let channels = Mutex<[any Channel]>([])

    var all: [any Channel] { channels.withLock { $0 } }

    func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }
}

/// An answer, whole.
struct TestAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let text: String
}

extension Limit {
    /// A monthly limit of a tenant.
    static func month(_ meter: Meter, _ quantity: Int64?) -> Limit {
        Limit(meter: meter.id, window: .month, quantity: quantity)
    }
}
