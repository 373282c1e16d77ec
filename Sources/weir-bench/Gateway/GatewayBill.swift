import MockBackend
import WeirClient

/// What was booked, beside what the backend generated.
struct GatewayBill: Sendable {
    /// How long what was booked may take to arrive in the ledger.
    private static let patience = Duration.seconds(60)
    /// The price of `GatewayStage.configuration`, in 10⁻⁹ dollars.
    private static let price = (input: Int64(150), output: Int64(600))

    let bench: String
    let generated: MockStatistics
    private(set) var booked: [String: GatewayTenant.Booked]

    /// Waits until the backend is idle, and until all is booked or that takes too long.
    init(_ bench: String, of tenant: GatewayTenant, backend: MockBackend) async throws {
        self.bench = bench
        _ = try await Poll.until(within: .seconds(10)) { backend.statistics.running == 0 }
        generated = backend.statistics
        let start = ContinuousClock.now
        booked = try await tenant.booked()
        while problem != nil, ContinuousClock.now - start < Self.patience {
            try await Task.sleep(for: .milliseconds(100))
            booked = try await tenant.booked()
        }
    }

    private var tokens: Int64 { Int64(generated.promptTokens + generated.completionTokens) }

    private var money: Int64 {
        Int64(generated.promptTokens) * Self.price.input
            + Int64(generated.completionTokens) * Self.price.output
    }

    /// What is wrong with the bill; nil when nothing is.
    var problem: String? {
        guard generated.running == 0, generated.completed == generated.requests else {
            return "of \(generated.requests) requests only \(generated.completed) were completed"
        }
        let expected = [
            ("api_calls", Int64(generated.requests)), ("ai_tokens", tokens), ("cost_usd", money),
        ]
        for (meter, units) in expected where booked[meter]?.units != units {
            let found = booked[meter].map { String($0.units) } ?? "nothing"
            return "\(found) booked as \(meter) in place of \(units)"
        }
        return nil
    }

    /// The tokens that were booked, beside those that were generated.
    var result: BenchResult {
        BenchResult(
            bench: "\(bench)/bill", value: Double(booked["ai_tokens"]?.units ?? 0), unit: "tokens",
            baseline: .init(name: "generated", value: Double(tokens)))
    }

    /// Fails where the bill is wrong.
    func check() throws {
        if let problem { throw LoadFailure("\(bench): the bill is wrong: \(problem)") }
    }
}
