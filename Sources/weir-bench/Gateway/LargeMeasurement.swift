/// Prompts of 400 kB.
struct LargeMeasurement: Sendable {
    private static let connections = 4
    private static let promptBytes = 400_000
    private static let tokens = 16
    private static let mostMilliseconds = 2.0

    private let own: ServerLoad
    private let nginx: ServerLoad?

    /// Measures Weir, then nginx.
    init(_ stage: GatewayStage, _ options: BenchOptions) async throws {
        own = try await Self.load(stage.weir, stage, seconds: options.seconds)
        if let proxy = stage.nginx?.whole {
            nginx = try await Self.load(proxy, stage, seconds: options.seconds)
        } else {
            nginx = nil
        }
    }

    private static func load(
        _ target: GatewayTarget, _ stage: GatewayStage, seconds: Double
    ) async throws -> ServerLoad {
        let generator = LoadGenerator(
            url: target.url, connections: connections, expectedStatus: 200, loop: stage.loop)
        let request = GatewayRequest.chat(target, tokens: tokens, promptBytes: promptBytes)
        _ = try await generator.run([request], seconds: 0.3, warmUp: 0)
        return try await ServerLoad(target) {
            try await generator.run([request], seconds: seconds, warmUp: 0)
        }
    }

    /// The processor time of a request, and how many there were.
    var results: [BenchResult] {
        let name = "gateway/large"
        return [
            BenchResult(
                bench: name, value: own.microsecondsPerRequest / 1_000, unit: "ms/request",
                baseline: nginx.map {
                    .init(name: "nginx", value: $0.microsecondsPerRequest / 1_000)
                },
                target: .valueAtMost(Self.mostMilliseconds)),
            BenchResult(
                bench: "\(name)/rate", value: own.result.requestsPerSecond, unit: "requests/s",
                baseline: nginx.map {
                    .init(name: "nginx", value: $0.result.requestsPerSecond)
                }),
        ]
    }
}
