import NIOCore
import WeirClient

/// A server's figures between two halves of the baseline's.
struct Measurement: Sendable {
    private let name: String
    private let target: LoadResult
    private let baseline: LoadResult

    init(
        _ name: String, _ requests: [ByteBuffer], _ options: BenchOptions, _ server: BenchServer,
        _ baselineURL: String, connections: Int = 32
    ) async throws {
        self.name = name
        let own = HTTPBenchmark.generator(server.url, connections: connections)
        let bare = HTTPBenchmark.generator(baselineURL, connections: connections)
        let half = options.seconds / 2
        var baseline = try await bare.run(requests, seconds: half)
        target = try await own.run(requests, seconds: options.seconds)
        baseline.add(try await bare.run(requests, seconds: half))
        self.baseline = baseline
    }

    func results(
        _ rateTarget: BenchResult.Target,
        p99: BenchResult.Target? = nil
    ) -> [BenchResult] {
        let rate = BenchResult(
            bench: name, value: target.requestsPerSecond, unit: "requests/s",
            baseline: .init(name: "bare NIO", value: baseline.requestsPerSecond),
            target: rateTarget)
        return [rate]
            + [("p50", 50.0), ("p99", 99)]
            .map { label, percent in
                BenchResult(
                    bench: "\(name)/\(label)",
                    value: target.latency.milliseconds(percentile: percent),
                    unit: "ms",
                    baseline: .init(
                        name: "bare NIO",
                        value: baseline.latency.milliseconds(percentile: percent)),
                    target: percent == 99 ? p99 : nil)
            }
    }
}
