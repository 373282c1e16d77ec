import NIOCore
import WeirClient

/// A server's figures between two halves of the baseline's.
struct Measurement: Sendable {
    private let name: String
    private let target: LoadResult
    private let baseline: LoadResult

    init(
        _ name: String, _ requests: [ByteBuffer], _ options: BenchOptions, _ server: BenchServer,
        _ baselineURL: String
    ) async throws {
        self.name = name
        let half = options.seconds / 2
        var baseline = try await HTTPBenchmark.generator(baselineURL).run(requests, seconds: half)
        target = try await HTTPBenchmark.generator(server.url)
            .run(
                requests, seconds: options.seconds)
        baseline.add(try await HTTPBenchmark.generator(baselineURL).run(requests, seconds: half))
        self.baseline = baseline
    }

    func results(leastRatio: Double) -> [BenchResult] {
        let rate = BenchResult(
            bench: name, value: target.requestsPerSecond, unit: "requests/s",
            baseline: .init(name: "bare NIO", value: baseline.requestsPerSecond),
            target: .ratioAtLeast(leastRatio))
        return [rate]
            + [("p50", 50.0), ("p99", 99)]
            .map { label, percent in
                BenchResult(
                    bench: "\(name)/\(label)",
                    value: target.latency.milliseconds(percentile: percent),
                    unit: "ms",
                    baseline: .init(
                        name: "bare NIO",
                        value: baseline.latency.milliseconds(percentile: percent)))
            }
    }
}
