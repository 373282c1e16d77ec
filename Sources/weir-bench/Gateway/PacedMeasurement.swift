import MockBackend
import NIOCore

/// Thousands of streams at the pace of a model: what they take of a processor and of memory.
struct PacedMeasurement: Sendable {
    /// How fast each answer grows, in tokens a second.
    static let pace = 50.0
    private static let streams = 2_000
    /// Over how many seconds they begin.
    private static let ramp = 2.0
    /// How long the last ones may take to begin.
    private static let patience = 6.0
    /// Between that and the measurement, and between that and the first end.
    private static let margin = 1.0
    private static let mostCores = 0.5
    private static let mostKilobytes = 40.0

    /// What was seen of a server.
    private struct Figures: Sendable {
        var cores = 0.0
        var loadCores = 0.0
        var kilobytesPerStream = 0.0
        var tokensPerSecond = 0.0
        var tokensPerRead = 0.0
    }

    private let own: Figures
    private let nginx: Figures?

    /// Measures Weir, then nginx.
    init(_ stage: GatewayStage, _ options: BenchOptions) async throws {
        own = try await Self.load(stage.weir, stage.backend, stage, seconds: options.seconds)
        if let proxy = stage.nginx?.streaming {
            nginx = try await Self.load(
                proxy, stage.otherBackend, stage, seconds: options.seconds)
        } else {
            nginx = nil
        }
    }

    /// The tokens of an answer that lasts for a measurement.
    static func tokens(seconds: Double) -> Int {
        Int((ramp + patience + 2 * margin + seconds) * pace)
    }

    private static func load(
        _ target: GatewayTarget, _ backend: MockBackend, _ stage: GatewayStage, seconds: Double
    ) async throws -> Figures {
        try await warmUp(target, stage)
        let memory = try ResidentMemory.bytes(of: target.process)
        let tokens = tokens(seconds: seconds)
        let generator = try await StreamGenerator(
            LoadConnections(
                url: target.url, count: streams, loop: stage.loop, rampSeconds: ramp),
            GatewayRequest.stream(target, tokens: tokens),
            expected: GatewayRequest.streamEnd(tokens: tokens), seconds: 0)
        return try await withThrowingTaskGroup(of: Figures?.self) { tasks in
            tasks.addTask {
                try await generator.run()
                return nil
            }
            tasks.addTask {
                try await measure(
                    target, backend, generator, idleMemory: memory, seconds: seconds)
            }
            var figures: Figures?
            while let next = try await tasks.next() { figures = next ?? figures }
            return figures ?? Figures()
        }
    }

    /// So that what a server needs once is not counted.
    private static func warmUp(_ target: GatewayTarget, _ stage: GatewayStage) async throws {
        _ = try await LoadGenerator(
            url: target.url, connections: 32, expectedStatus: 200, loop: stage.loop
        )
        .run(
            each: 500
        ) { _ in GatewayRequest.chat(target, tokens: 1) }
    }

    private static func measure(
        _ target: GatewayTarget, _ backend: MockBackend, _ generator: StreamGenerator,
        idleMemory: Int, seconds: Double
    ) async throws -> Figures {
        try await Task.sleep(for: .seconds(ramp))
        let begun = ContinuousClock.now
        while try await generator.figures().running < streams,
            ContinuousClock.now - begun < .seconds(patience)
        {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await Task.sleep(for: .seconds(margin))
        let before = try await generator.figures()
        let generated = backend.statistics.completionTokens
        let load = try await ServerLoad(target) {
            let start = NIODeadline.now()
            try await Task.sleep(for: .seconds(seconds))
            var result = LoadResult()
            result.seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
            return result
        }
        let tokens = Double(backend.statistics.completionTokens - generated)
        let after = try await generator.figures()
        let memory = try ResidentMemory.bytes(of: target.process)
        guard before.running == streams, after.running == streams, after.ended == 0 else {
            throw LoadFailure(
                "of \(streams) streams through \(target.name) \(before.running) were under way "
                    + "as it began, and \(after.running) as it ended")
        }
        return Figures(
            cores: load.serverCores, loadCores: load.loadCores,
            kilobytesPerStream: Double(memory - idleMemory) / 1_000 / Double(streams),
            tokensPerSecond: tokens / load.result.seconds,
            tokensPerRead: tokens / Double(max(1, after.reads - before.reads)))
    }

    /// Cores, memory, and whether the pace was kept.
    var results: [BenchResult] {
        let name = "gateway/sse-paced"
        func baseline(_ figure: KeyPath<Figures, Double>) -> BenchResult.Baseline? {
            nginx.map { .init(name: "nginx", value: $0[keyPath: figure]) }
        }
        return [
            BenchResult(
                bench: name, value: own.cores, unit: "cores", baseline: baseline(\.cores),
                target: .valueAtMost(Self.mostCores)),
            BenchResult(
                bench: "\(name)/memory", value: own.kilobytesPerStream, unit: "kB/stream",
                baseline: baseline(\.kilobytesPerStream),
                target: .valueAtMost(Self.mostKilobytes)),
            BenchResult(
                bench: "\(name)/rate", value: own.tokensPerSecond, unit: "tokens/s",
                baseline: .init(name: "asked", value: Double(Self.streams) * Self.pace)),
            BenchResult(
                bench: "\(name)/read", value: own.tokensPerRead, unit: "tokens/read",
                baseline: baseline(\.tokensPerRead)),
            BenchResult(
                bench: "\(name)/busy", value: own.cores, unit: "cores",
                baseline: .init(name: "load", value: own.loadCores)),
        ]
    }
}
