import Foundation
import NIOCore
import WeirClient

/// Decisions over HTTP: 32 connections, or 64 where each waits for the disk, one request in flight
/// on each.
///
/// The baseline runs before and after each measurement, half as long: a machine that gets
/// slower or faster meanwhile does so for both.
struct HTTPBenchmark: Benchmark {
    private static let connections = 32
    private static let spreadKeys = 64
    private static let leastRatio = 0.7

    var name: String { "http" }

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let measurements = try await BenchServer.run { server in
            let keys = try await BenchTenants(server: server).create(Self.spreadKeys)
            let requests = keys.map { Self.consume($0) }
            let sample = try await Self.generator(server.url)
                .run(
                    Array(requests.prefix(1)), seconds: 0.1, warmUp: 0)
            let answer = server.folder.path + "/answer"
            try Data(sample.sample).write(to: URL(fileURLWithPath: answer))
            return try await Self.baselineServer(answer, server.folder) { baseline in
                try await [
                    Measurement(
                        "http/consume", Array(requests.prefix(1)), options, server, baseline),
                    Measurement("http/consume-spread", requests, options, server, baseline),
                ]
            }
        }
        for measurement in measurements {
            for result in measurement.results(.ratioAtLeast(Self.leastRatio)) {
                try report.add(result)
            }
        }
        try await measureDurable(options, &report)
        try await BatchBenchmark().run(options, &report)
    }

    /// With each decision on the disk before it is answered.
    private func measureDurable(
        _ options: BenchOptions,
        _ report: inout BenchReport
    ) async throws {
        let measurement = try await Self.measure(
            "http/consume-durable", options, settings: ["WEIR_DURABILITY": "durable"],
            connections: 64)
        for result in measurement.results(.valueAtLeast(20_000), p99: .valueAtMost(5)) {
            try report.add(result)
        }
    }

    private static func measure(
        _ name: String,
        _ options: BenchOptions,
        settings: [String: String],
        connections: Int
    ) async throws -> Measurement {
        try await BenchServer.run(settings: settings) { server in
            let key = try await BenchTenants(server: server).create(1)
            let requests = key.map { Self.consume($0) }
            let sample = try await Self.generator(server.url, connections: 1)
                .run(requests, seconds: 0.1, warmUp: 0)
            let answer = server.folder.path + "/answer"
            try Data(sample.sample).write(to: URL(fileURLWithPath: answer))
            return try await Self.baselineServer(answer, server.folder) { baseline in
                try await Measurement(
                    name, requests, options, server, baseline, connections: connections)
            }
        }
    }

    private static func consume(_ key: String) -> ByteBuffer {
        RequestBytes.post(
            "/api/v1/consume", credential: key,
            json: #"{"charges":[{"meter":"api_calls","amount":1}]}"#)
    }

    static func generator(_ url: String, connections: Int = connections) -> LoadGenerator {
        LoadGenerator(url: url, connections: connections, expectedStatus: 200)
    }

    /// Runs `body` beside a bare server that answers with the bytes of a file.
    static func baselineServer<Value: Sendable>(
        _ answer: String, _ folder: TemporaryFolder, _ body: (String) async throws -> Value
    ) async throws -> Value {
        let own = folder.path + "/baseline"
        try FileManager.default.createDirectory(
            atPath: own, withIntermediateDirectories: false)
        let launch = ServerLaunch(
            executable: ExecutablePath.own,
            arguments: ["baseline-server", "--answer", answer],
            environment: ProcessInfo.processInfo.environment,
            folder: own)
        return try await BenchServer.child(launch) { process in
            try await body(try await process.address())
        }
    }
}
