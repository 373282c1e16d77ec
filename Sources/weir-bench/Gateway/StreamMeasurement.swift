import NIOCore

/// Streams as fast as they are read.
struct StreamMeasurement: Sendable {
    /// How long each answer is.
    static let tokens = 4_096
    private static let connections = 16
    private static let leastTokens = 1_500_000.0

    private let own: ServerLoad
    private let nginx: ServerLoad?

    /// Measures; nginx before and after Weir, half as long each time.
    init(_ stage: GatewayStage, _ options: BenchOptions) async throws {
        let half = options.seconds / 2
        var nginx: ServerLoad?
        if let proxy = stage.nginx?.streaming {
            nginx = try await Self.load(proxy, stage, seconds: half)
        }
        own = try await Self.load(stage.weir, stage, seconds: options.seconds)
        if let proxy = stage.nginx?.streaming {
            nginx?.add(try await Self.load(proxy, stage, seconds: half))
        }
        self.nginx = nginx
    }

    private static func load(
        _ target: GatewayTarget, _ stage: GatewayStage, seconds: Double
    ) async throws -> ServerLoad {
        _ = try await run(target, stage, seconds: 0.3)
        return try await ServerLoad(target) { try await run(target, stage, seconds: seconds) }
    }

    /// Counts each token as a request.
    private static func run(
        _ target: GatewayTarget, _ stage: GatewayStage, seconds: Double
    ) async throws -> LoadResult {
        let generator = try await StreamGenerator(
            LoadConnections(url: target.url, count: connections, loop: stage.loop),
            GatewayRequest.stream(target, tokens: tokens),
            expected: GatewayRequest.streamEnd(tokens: tokens), seconds: seconds)
        let start = NIODeadline.now()
        try await generator.run()
        let end = NIODeadline.now()
        var result = LoadResult()
        result.requests = try await generator.figures().ended * tokens
        result.seconds = Double((end - start).nanoseconds) / 1e9
        return result
    }

    /// Tokens, their processor time, and who was busy with them.
    var results: [BenchResult] {
        let name = "gateway/sse"
        return [
            BenchResult(
                bench: name, value: own.result.requestsPerSecond, unit: "tokens/s",
                baseline: nginx.map {
                    .init(name: "nginx", value: $0.result.requestsPerSecond)
                },
                target: .valueAtLeast(Self.leastTokens)),
            BenchResult(
                bench: "\(name)/processor", value: own.microsecondsPerRequest * 1_000,
                unit: "ns/token",
                baseline: nginx.map {
                    .init(name: "nginx", value: $0.microsecondsPerRequest * 1_000)
                }),
            BenchResult(
                bench: "\(name)/busy", value: own.serverCores, unit: "cores",
                baseline: .init(name: "load", value: own.loadCores)),
        ]
    }
}
