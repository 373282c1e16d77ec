import Crypto
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting

/// The verification of API keys: with an HMAC and a look-up, and from the cache.
struct KeyBenchmark: Benchmark {
    private static let rounds = 20_000
    private static let keys = 64

    let name = "keys"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        // The in-memory ledger looks through all keys; what is measured is the verification.
        let (cold, coldTexts) = try await node(keys: 1, cacheTTLNanoseconds: 0)
        let (warm, warmTexts) = try await node(
            keys: Self.keys, cacheTTLNanoseconds: 60_000_000_000)
        let verified = try await nanoseconds(
            cold, coldTexts, isCached: false, seconds: options.seconds)
        try report.add(
            BenchResult(
                bench: "keys/verify", value: verified, unit: "ns",
                baseline: .init(
                    name: "one HMAC", value: hmac(coldTexts, seconds: options.seconds / 2)),
                target: .valueAtMost(2_000)))
        let cached = try await nanoseconds(
            warm, warmTexts, isCached: true, seconds: options.seconds)
        try report.add(
            BenchResult(
                bench: "keys/verify-cached", value: cached, unit: "ns",
                baseline: .init(
                    name: "dictionary", value: lookUp(warmTexts, seconds: options.seconds / 2)),
                target: .valueAtMost(200)))
    }

    private func node(
        keys: Int,
        cacheTTLNanoseconds: Int64
    ) async throws -> (QuotaNode, [String]) {
        let clock: @Sendable () -> Timestamp = { BenchClock.now() }
        var settings = NodeSettings()
        settings.cacheTTLNanoseconds = cacheTTLNanoseconds
        let node = try await QuotaNode(
            ledger: MemoryLedger(clock: clock), settings: settings,
            peppers: [Pepper(version: 1, secret: [UInt8](repeating: 7, count: 32))],
            journal: .inMemory(), clock: clock, steadyClock: clock,
            random: { UInt64.random(in: .min ... .max) })
        let tenant = TenantID(trusted: "bench")
        _ = try await node.create(Tenant(id: tenant, createdAt: clock()))
        var texts: [String] = []
        for _ in 0..<keys {
            texts.append(try await node.create(NewKey(tenant: tenant, name: "bench")).text)
        }
        return (node, texts)
    }

    private func nanoseconds(
        _ node: QuotaNode,
        _ texts: [String],
        isCached: Bool,
        seconds: Double
    ) async throws -> Double {
        let start = ContinuousClock.now
        var count = 0
        while start.duration(to: .now) < .seconds(seconds) {
            for round in 0..<Self.rounds {
                let text = texts[round % texts.count]
                if isCached, node.verifiedKey(text) != nil { continue }
                guard try await node.verify(text) != nil else {
                    throw LoadFailure("a key was not accepted")
                }
            }
            count += Self.rounds
        }
        return start.duration(to: .now) / .nanoseconds(1) / Double(count)
    }

    private func hmac(_ texts: [String], seconds: Double) -> Double {
        let key = SymmetricKey(data: [UInt8](repeating: 7, count: 32))
        return time(seconds) { round in
            let code = HMAC<SHA256>
                .authenticationCode(for: Array(texts[round % texts.count].utf8), using: key)
            return Array(code)[0] != 0
        }
    }

    private func lookUp(_ texts: [String], seconds: Double) -> Double {
        let known = Dictionary(uniqueKeysWithValues: texts.map { ($0, true) })
        return time(seconds) { known[texts[$0 % texts.count]] ?? false }
    }

    /// Nanoseconds of one call; the answers are counted, so that no call is left out.
    private func time(_ seconds: Double, _ body: (Int) -> Bool) -> Double {
        let start = ContinuousClock.now
        var (count, hits) = (0, 0)
        while start.duration(to: .now) < .seconds(seconds) {
            for round in 0..<Self.rounds where body(round) { hits += 1 }
            count += Self.rounds
        }
        precondition(hits > 0)
        return start.duration(to: .now) / .nanoseconds(1) / Double(count)
    }
}
