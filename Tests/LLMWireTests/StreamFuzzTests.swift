import LLMWire
import NIOCore
import QuotaTesting
import Testing

@Suite("Streams of every kind")
struct StreamFuzzTests {
    @Test(
        "random streams in random pieces give what a naive reader finds",
        arguments: [1, 2, 3] as [UInt64])
    func streams(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (compared, failed) = (0, 0)
        for round in 0..<500 {
            let endpoint = Endpoint.allCases.randomElement(using: &random) ?? .chatCompletions
            let bytes = RandomStream.bytes(endpoint, using: &random)
            try compare(bytes, endpoint, "seed \(seed), round \(round)", &random)
            for _ in 0..<3 {
                let broken = mutated(bytes, using: &random)
                do throws(StreamOracle.NoOpinion) {
                    let oracle = try compare(
                        broken, endpoint, "seed \(seed), round \(round), mutated", &random)
                    compared += 1
                    if oracle.failure == .garbage { failed += 1 }
                } catch {
                    continue
                }
            }
        }
        // Or the mutations would show nothing.
        #expect(compared > 1_000)
        #expect(failed > 200)
    }

    @Test("random bytes do not trap", arguments: [4, 5] as [UInt64])
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("data: {}[]\"\\:,\n\r\r\n\n\nDONE0u".utf8) + [0, 0x80, 0xFF]
        for round in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0..<60, using: &random))
                .map { _ in
                    alphabet.randomElement(using: &random) ?? 0
                }
            let endpoint = Endpoint.allCases.randomElement(using: &random) ?? .chatCompletions
            _ = try? compare(bytes, endpoint, "seed \(seed), round \(round)", &random)
        }
    }

    @discardableResult
    private func compare(
        _ bytes: [UInt8],
        _ endpoint: Endpoint,
        _ label: String,
        _ random: inout SeededRandom
    ) throws(StreamOracle.NoOpinion) -> StreamOracle {
        let stripsUsage = Bool.random(using: &random)
        let oracle = try StreamOracle(bytes, endpoint: endpoint, stripsUsage: stripsUsage)
        var pieces: [ArraySlice<UInt8>] = []
        let most = [3, 50, 2_000].randomElement(using: &random) ?? 50
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...most, using: &random)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        for pieces in [[bytes[...]], pieces] {
            let result = relay(pieces, endpoint, stripsUsage: stripsUsage)
            let text = String(decoding: bytes, as: UTF8.self).debugDescription
            #expect(result == oracle, "\(label), \(endpoint), strips \(stripsUsage): \(text)")
        }
        return oracle
    }
}
