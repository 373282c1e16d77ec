import WeirClient

/// Small chats in a closed loop, through Weir and through nginx.
struct ChatMeasurement: Sendable {
    private static let tokens = 16
    private static let leastRatio = 0.35
    private static let leastRatioToLiteLLM = 80.0

    let name: String
    let connections: Int
    private let own: ServerLoad
    private let nginx: ServerLoad?

    /// Measures; nginx before and after Weir, half as long each time.
    init(
        _ name: String, connections: Int, _ stage: GatewayStage, _ options: BenchOptions
    ) async throws {
        self.name = name
        self.connections = connections
        let half = options.seconds / 2
        var nginx: ServerLoad?
        if let proxy = stage.nginx?.whole {
            nginx = try await Self.load(proxy, connections, stage, seconds: half)
        }
        own = try await Self.load(stage.weir, connections, stage, seconds: options.seconds)
        if let proxy = stage.nginx?.whole {
            nginx?.add(try await Self.load(proxy, connections, stage, seconds: half))
        }
        self.nginx = nginx
    }

    private static func load(
        _ target: GatewayTarget, _ connections: Int, _ stage: GatewayStage, seconds: Double
    ) async throws -> ServerLoad {
        let generator = LoadGenerator(
            url: target.url, connections: connections, expectedStatus: 200, loop: stage.loop)
        let request = GatewayRequest.chat(target, tokens: tokens)
        _ = try await generator.run([request], seconds: 0.5, warmUp: 0)
        return try await ServerLoad(target) {
            try await generator.run([request], seconds: seconds, warmUp: 0)
        }
    }

    /// Requests, their processor time, and who was busy with them.
    var results: [BenchResult] {
        [
            BenchResult(
                bench: name, value: own.result.requestsPerSecond, unit: "requests/s",
                baseline: nginx.map {
                    .init(name: "nginx", value: $0.result.requestsPerSecond)
                },
                target: .ratioAtLeast(Self.leastRatio)),
            BenchResult(
                bench: "\(name)/processor", value: own.microsecondsPerRequest, unit: "µs/request",
                baseline: nginx.map { .init(name: "nginx", value: $0.microsecondsPerRequest) }),
            BenchResult(
                bench: "\(name)/busy", value: own.serverCores, unit: "cores",
                baseline: .init(name: "load", value: own.loadCores)),
            BenchResult(
                bench: "\(name)/p99", value: own.result.latency.milliseconds(percentile: 99),
                unit: "ms",
                baseline: nginx.map {
                    .init(name: "nginx", value: $0.result.latency.milliseconds(percentile: 99))
                }),
        ]
            + (nginx.map {
                [
                    BenchResult(
                        bench: "\(name)/busy-nginx", value: $0.serverCores, unit: "cores",
                        baseline: .init(name: "load", value: $0.loadCores))
                ]
            } ?? [])
    }

    /// The same load on LiteLLM.
    func result(besides proxy: GatewayTarget, _ stage: GatewayStage, seconds: Double) async throws
        -> BenchResult
    {
        let load = try await Self.load(proxy, connections, stage, seconds: seconds)
        return BenchResult(
            bench: "\(name)-litellm", value: own.result.requestsPerSecond, unit: "requests/s",
            baseline: .init(name: proxy.name, value: load.result.requestsPerSecond),
            target: .ratioAtLeast(Self.leastRatioToLiteLLM))
    }
}
