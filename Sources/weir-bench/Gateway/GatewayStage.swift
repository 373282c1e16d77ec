import MockBackend
import NIOCore
import NIOPosix
import WeirClient

/// All that a measurement needs: a `weir serve` on a processor of its own with a backend behind
/// it, and nginx on the same processor with another backend of the same kind.
///
/// Of the two proxies only one is loaded at a time. Weir's backend has no other client, so that
/// its books are what Weir must have booked.
struct GatewayStage: Sendable {
    let weir: GatewayTarget
    let tenant: GatewayTenant
    /// The backend behind Weir.
    let backend: MockBackend
    /// The backend behind all others.
    let otherBackend: MockBackend
    let nginx: NginxProxy?
    let loop: any EventLoop

    /// NIO counts the machine's processors, and not those that a process may use.
    private static let oneLoop = ["NIO_SINGLETON_GROUP_LOOP_COUNT": "1"]

    /// Starts everything, runs `body`, and stops everything.
    ///
    /// - Parameters:
    ///   - outputTokens: how long the backends' answers are.
    ///   - tokensPerSecond: how fast; 0 for as fast as they are read.
    ///   - body: what to do with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and a failure to start.
    static func run<Value: Sendable>(
        outputTokens: Int,
        tokensPerSecond: Double = 0,
        _ body: (GatewayStage) async throws -> Value
    ) async throws -> Value {
        let cores = BenchCores.ofThisMachine
        var settings = MockSettings()
        settings.models = ["free", GatewayRequest.model]
        settings.outputTokens = outputTokens
        settings.tokensPerSecond = tokensPerSecond
        let configured = settings
        return try await LoadLoop.run(core: cores.load) { group in
            let backend = try await MockBackend.start(configured, group: group)
            let other = try await MockBackend.start(configured, group: group)
            let result: Result<Value, any Error>
            do {
                let value = try await BenchServer.run(
                    settings: cores.server == nil ? [:] : oneLoop,
                    configuration: configuration(backend.url), core: cores.server
                ) { server in
                    try await NginxProxy.run(before: other.url, core: cores.server) { nginx in
                        let tenant = try await GatewayTenant(server: server)
                        return try await body(
                            GatewayStage(
                                weir: GatewayTarget(
                                    name: "weir", url: server.url,
                                    process: server.process.identifier, credential: tenant.key),
                                tenant: tenant, backend: backend, otherBackend: other,
                                nginx: nginx, loop: group.next()))
                    }
                }
                result = .success(value)
            } catch {
                result = .failure(error)
            }
            try await backend.stop()
            try await other.stop()
            return try result.get()
        }
    }

    /// The backend by itself, as a target.
    var direct: GatewayTarget {
        GatewayTarget(name: "direct", url: otherBackend.url, process: 0, credential: "nobody")
    }

    /// One free model and one that has the price of ``GatewayBill``.
    private static func configuration(_ backend: String) -> String {
        let backends = #"[{url: "\#(backend)/v1", kind: openai, max_concurrent: 100000}]"#
        let price = #"{input: "0.15", cached_input: "0.075", output: "0.60"}"#
        return """
            gateway:
              models:
                free:
                  price: free
                  backends: \(backends)
                \(GatewayRequest.model):
                  price: {currency: USD, per_million_tokens: \(price)}
                  backends: \(backends)

            """
    }
}
