import WeirClient

/// What a proxy adds to the latency of 1,000 chats a second that come at their times.
struct LatencyMeasurement: Sendable {
    private static let requestsPerSecond = 1_000
    private static let connections = 64
    private static let tokens = 16
    private static let percentiles = [("p50", 50.0, 0.25), ("p99", 99.0, 1.0)]

    private let own: LatencyRecorder
    private let direct: LatencyRecorder
    private let nginx: LatencyRecorder?

    /// Measures; the backend by itself before and after Weir, half as long each time.
    init(_ stage: GatewayStage, _ options: BenchOptions) async throws {
        let half = options.seconds / 2
        var direct = try await Self.load(stage.direct, stage, seconds: half)
        own = try await Self.load(stage.weir, stage, seconds: options.seconds)
        direct.add(try await Self.load(stage.direct, stage, seconds: half))
        self.direct = direct
        if let proxy = stage.nginx?.whole {
            nginx = try await Self.load(proxy, stage, seconds: options.seconds)
        } else {
            nginx = nil
        }
    }

    private static func load(
        _ target: GatewayTarget, _ stage: GatewayStage, seconds: Double
    ) async throws -> LatencyRecorder {
        try await OpenLoopGenerator(
            url: target.url, connections: connections, requestsPerSecond: requestsPerSecond,
            loop: stage.loop
        )
        .run(GatewayRequest.chat(target, tokens: tokens), seconds: seconds).latency
    }

    /// What was added, and what there was without a proxy.
    var results: [BenchResult] {
        let name = "gateway/latency-1k"
        return Self.percentiles.flatMap { label, percent, bound in
            let without = direct.milliseconds(percentile: percent)
            return [
                BenchResult(
                    bench: "\(name)/\(label)",
                    value: own.milliseconds(percentile: percent) - without, unit: "ms added",
                    baseline: nginx.map {
                        .init(
                            name: "nginx", value: $0.milliseconds(percentile: percent) - without)
                    },
                    target: .valueAtMost(bound)),
                BenchResult(
                    bench: "\(name)/\(label)-in-all",
                    value: own.milliseconds(percentile: percent), unit: "ms",
                    baseline: .init(name: "direct", value: without)),
            ]
        }
    }
}
