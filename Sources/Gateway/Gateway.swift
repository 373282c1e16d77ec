import LLMWire
package import Logging
import NIOCore
import NIOSSL
package import PrometheusExposition
package import QuotaModel
package import QuotaNode
import Synchronization
package import WeirHTTP

/// The quota-aware front door of inference servers: admits, routes, relays and books requests.
///
/// Everything of one request happens on the event loop of its caller's connection; what is shared
/// between the loops are the states of backends and the estimates, each behind a lock.
public final class Gateway: Sendable {
    /// The largest answer that is kept until it is whole.
    static let maximumAnswerBytes = 64 * 1_024 * 1_024
    /// How much longer than a request units are held at most, in milliseconds: to be settled.
    private static let holdMarginMilliseconds: Int64 = 60_000

    /// How long is waited for what.
    struct Times: Sendable {
        var connect: TimeAmount
        var firstByte: TimeAmount
        var idle: TimeAmount
        var total: TimeAmount
        var drain: TimeAmount
        /// How long a request may go on when the server stops.
        var stop = TimeAmount.seconds(30)
    }

    let configuration: GatewayConfiguration
    let node: QuotaNode
    let keys: TenantKeys
    /// Where decisions are kept that somebody may ask about.
    let explanations: Explanations
    let logger: Logger
    let metrics: GatewayMetrics
    let settlements = Settlements()
    let models: [String: GatewayModel]
    let targets: [UpstreamTarget]
    let priceVersion: String
    let rules: ExchangeState.Rules
    let times: Times
    let requestsMeter: MeterID
    let tokensMeter: MeterID
    let random: @Sendable () -> UInt64
    /// A clock that nobody can set.
    let steadyClock: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async -> Void
    private let targetNames: [String]
    private let inputs: Mutex<InputEstimator>
    private let outputs: Mutex<OutputEstimator>
    private let retries = Mutex(RetryBudget())
    let loops = Mutex<[ObjectIdentifier: NIOLoopBound<UpstreamLoop>]>([:])

    /// Creates a gateway.
    ///
    /// - Parameters:
    ///   - configuration: what the operator has set.
    ///   - node: who admits and books.
    ///   - keys: who finds out who asks.
    ///   - explanations: where decisions are kept that somebody may ask about.
    ///   - registry: where it counts.
    ///   - logger: where it notes what nobody is told.
    ///   - steadyClock: a clock that nobody can set.
    ///   - random: 64 unpredictable bits.
    ///   - sleep: waits; returns early when the task is cancelled.
    /// - Throws: why TLS to the backends can't be set up.
    package init(
        _ configuration: GatewayConfiguration,
        node: QuotaNode,
        keys: TenantKeys,
        explanations: Explanations,
        registry: MetricRegistry,
        logger: Logger,
        steadyClock: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (Duration) async -> Void
    ) throws {
        self.configuration = configuration
        self.node = node
        self.keys = keys
        self.explanations = explanations
        self.logger = logger
        self.steadyClock = steadyClock
        self.random = random
        self.sleep = sleep
        metrics = GatewayMetrics(registry: registry)
        rules = ExchangeState.Rules(
            maximumRetries: configuration.retries, drains: configuration.onDisconnect == .drain)
        times = Times(
            connect: .milliseconds(configuration.connectTimeoutMilliseconds),
            firstByte: .milliseconds(configuration.firstByteTimeoutMilliseconds),
            idle: .milliseconds(configuration.idleTimeoutMilliseconds),
            total: .milliseconds(configuration.totalTimeoutMilliseconds),
            drain: .milliseconds(configuration.drainMilliseconds))
        requestsMeter = configuration.requestsMeter
        tokensMeter = configuration.tokensMeter
        priceVersion = configuration.prices.version
        let hasTLS = configuration.models
            .contains { $0.backends.contains { $0.address.scheme == .https } }
        let tls = try hasTLS ? NIOSSLContext(configuration: .clientDefault) : nil
        var (models, targets) = ([String: GatewayModel](), [UpstreamTarget]())
        for (index, model) in configuration.models.enumerated() {
            models[model.name.text] = GatewayModel(
                index: index, model, firstTarget: targets.count,
                maximumOutput: configuration.maximumOutputTokens)
            targets += model.backends.map { UpstreamTarget($0, tls) }
        }
        self.models = models
        self.targets = targets
        targetNames = targets.map { "\($0.hostField)\($0.basePath)" }
        inputs = Mutex(InputEstimator(models: configuration.models.count))
        outputs = Mutex(OutputEstimator(models: configuration.models.count))
    }

    /// The longest time for which units are held, in milliseconds.
    var holdMilliseconds: Int64 {
        min(
            configuration.totalTimeoutMilliseconds + Self.holdMarginMilliseconds,
            Reservation.maximumTTLMilliseconds)
    }

    /// Whether an answer is ended when the tenant's units are used up.
    var cutsExhausted: Bool { configuration.onExhausted == .cut }

    /// The connections of an event loop.
    func loop(_ eventLoop: any EventLoop) -> UpstreamLoop {
        loops.withLock { loops in
            let id = ObjectIdentifier(eventLoop)
            if let known = loops[id] { return known.value }
            let loop = UpstreamLoop(
                eventLoop: eventLoop, targets: targets, connectTimeout: times.connect)
            loops[id] = NIOLoopBound(loop, eventLoop: eventLoop)
            return loop
        }
    }

    /// How the record and the metrics call a backend.
    func name(of place: BackendPlace) -> String { targetNames[place.target] }

    /// The tokens that a request will take, before anybody knows.
    func estimate(_ request: ExchangeRequest) -> TokenCounts {
        let model = request.model.index
        let input = inputs.withLock { $0.estimate(bytes: request.scan.promptBytes, model: model) }
        guard request.endpoint.generates else { return TokenCounts(input: input, output: 0) }
        let output = outputs.withLock {
            $0.estimate(
                tenant: request.tenant, model: model, choices: request.scan.choices,
                maximumTokens: request.scan.maximumOutputTokens)
        }
        return TokenCounts(input: input, output: output)
    }

    /// Learns from what a request has taken.
    func learn(_ tokens: TokenCounts, of request: ExchangeRequest) {
        let model = request.model.index
        inputs.withLock {
            $0.observe(tokens: tokens.input, bytes: request.scan.promptBytes, model: model)
        }
        guard request.endpoint.generates else { return }
        outputs.withLock {
            $0.observe(
                tokens: tokens.output, tenant: request.tenant, model: model,
                choices: request.scan.choices)
        }
    }

    /// A request has come, which makes room for a share of a retry.
    func countRequest(now: Timestamp) { retries.withLock { $0.deposit(now: now) } }

    /// Takes a retry from their budget.
    func mayRetry(now: Timestamp) -> Bool { retries.withLock { $0.withdraw(now: now) } }
}

extension Endpoint {
    /// Whether output tokens are to be expected.
    var generates: Bool { self != .embeddings }
}
