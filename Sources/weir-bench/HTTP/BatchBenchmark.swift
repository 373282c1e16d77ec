import Foundation
import NIOCore
import WeirClient

/// Batches of 100 and 1,000 decisions over HTTP: all of one tenant, and each of another.
///
/// The baseline is a bare handler that reads the same bodies and answers with the same bytes. What
/// the server's processor did for a decision stands beside it: who asks may be busier than who
/// answers.
struct BatchBenchmark: Benchmark {
    private static let tenants = 100
    private static let connections = 8
    private static let leastDecisions = 100_000.0

    let name = "batch"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let results = try await BenchServer.run { server in
            _ = try await BenchTenants(server: server).create(Self.tenants)
            return try await [
                measure("http/batch", items: 100, spread: 1, server, options),
                measure("http/batch-spread", items: 100, spread: Self.tenants, server, options),
                measure("http/batch-1000", items: 1_000, spread: Self.tenants, server, options),
            ]
            .flatMap { $0 }
        }
        for result in results { try report.add(result) }
    }

    private func measure(
        _ bench: String,
        items count: Int,
        spread: Int,
        _ server: BenchServer,
        _ options: BenchOptions
    ) async throws -> [BenchResult] {
        let items = (0..<count)
            .map { number in
                let charges = #"[{"meter":"api_calls","amount":1}]"#
                return #"{"tenant":"bench-\#(number % spread + 1)","charges":\#(charges)}"#
            }
        let request = RequestBytes.post(
            "/api/v1/batch", credential: server.adminToken,
            json: #"{"operation":"consume","items":[\#(items.joined(separator: ","))]}"#)
        _ = try await generator(server.url).run([request], seconds: 0.3, warmUp: 0)
        let before = ProcessorTime.seconds(of: server.process.identifier)
        let target = try await generator(server.url)
            .run([request], seconds: options.seconds, warmUp: 0)
        let after = ProcessorTime.seconds(of: server.process.identifier)
        let folder = try TemporaryFolder(for: "weir-bench-batch")
        defer { folder.remove() }
        let answer = folder.path + "/answer"
        try Data(target.sample).write(to: URL(fileURLWithPath: answer))
        let baseline = try await HTTPBenchmark.baselineServer(answer, folder) { url in
            try await generator(url).run([request], seconds: options.seconds)
        }
        let decisions = Double(count)
        let result = BenchResult(
            bench: bench, value: target.requestsPerSecond * decisions, unit: "decisions/s",
            baseline: .init(
                name: "bare NIO", value: baseline.requestsPerSecond * decisions),
            target: .valueAtLeast(count < 1_000 ? Self.leastDecisions : 1_000_000))
        guard let before, let after else { return [result] }
        let nanoseconds = (after - before) * 1e9 / (Double(target.requests) * decisions)
        return [
            result,
            BenchResult(bench: bench + "/processor", value: nanoseconds, unit: "ns/decision"),
        ]
    }

    private func generator(_ url: String) -> LoadGenerator {
        LoadGenerator(url: url, connections: Self.connections, expectedStatus: 200)
    }
}
