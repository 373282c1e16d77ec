import MockBackend

/// The gateway before a backend that costs little, beside nginx in the same place.
struct GatewayBenchmark: Benchmark {
    /// What is measured, each with servers of its own.
    enum Part: String, CaseIterable, Sendable {
        case chat
        case latency
        case sse
        case paced
        case large
    }

    var parts = Part.allCases
    var withLiteLLM = false

    let name = "gateway"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        if BenchCores.ofThisMachine.server == nil {
            BenchOptions.say("servers and load share all processors: figures say little")
        }
        for part in parts {
            let (results, bill) = try await measure(part, options)
            for result in results + [bill.result] { try report.add(result) }
            try bill.check()
        }
    }

    private func measure(
        _ part: Part, _ options: BenchOptions
    ) async throws -> ([BenchResult], GatewayBill) {
        switch part {
        case .chat:
            try await stage(part, tokens: 16) { stage in try await chats(stage, options) }
        case .latency:
            try await stage(part, tokens: 16) { stage in
                try await LatencyMeasurement(stage, options).results
            }
        case .sse:
            try await stage(part, tokens: StreamMeasurement.tokens) { stage in
                try await StreamMeasurement(stage, options).results
            }
        case .paced:
            try await stage(
                part, tokens: PacedMeasurement.tokens(seconds: options.seconds),
                pace: PacedMeasurement.pace
            ) { stage in try await PacedMeasurement(stage, options).results }
        case .large:
            try await stage(part, tokens: 16) { stage in
                try await LargeMeasurement(stage, options).results
            }
        }
    }

    /// Measures, and looks at the bill.
    private func stage(
        _ part: Part,
        tokens: Int,
        pace: Double = 0,
        _ measure: (GatewayStage) async throws -> [BenchResult]
    ) async throws -> ([BenchResult], GatewayBill) {
        try await GatewayStage.run(outputTokens: tokens, tokensPerSecond: pace) { stage in
            let results = try await measure(stage)
            let bill = try await GatewayBill(
                "gateway/\(part.rawValue)", of: stage.tenant, backend: stage.backend)
            return (results, bill)
        }
    }

    private func chats(
        _ stage: GatewayStage, _ options: BenchOptions
    ) async throws -> [BenchResult] {
        let small = try await ChatMeasurement("gateway/chat", connections: 32, stage, options)
        let large = try await ChatMeasurement("gateway/chat-64", connections: 64, stage, options)
        var results = small.results + large.results
        guard withLiteLLM else { return results }
        let compared = try await LiteLLMProxy.run(
            before: stage.otherBackend.url, core: BenchCores.ofThisMachine.server
        ) { proxy in
            try await small.result(besides: proxy, stage, seconds: options.seconds)
        }
        if let compared { results.append(compared) }
        return results
    }
}
