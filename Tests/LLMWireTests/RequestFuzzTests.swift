import LLMWire
import NIOCore
import QuotaTesting
import StrictJSON
import Testing

/// StrictJSON's tree as an independent opinion.
@Suite("Requests of every kind")
struct RequestFuzzTests {
    @Test("random requests say what their tree says", arguments: [1, 2, 3] as [UInt64])
    func requests(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<600 {
            let endpoint = Endpoint.allCases.randomElement(using: &random) ?? .chatCompletions
            let tree = Self.request(using: &random)
            let bytes = Array(Writing.document(tree, using: &random).utf8)
            try compare(bytes, endpoint, "seed \(seed), round \(round)")
            for _ in 0..<6 {
                let broken = mutated(bytes, using: &random)
                try compare(broken, endpoint, "seed \(seed), round \(round), mutated")
            }
        }
    }

    @Test("every truncation of a request is refused, and none traps")
    func truncations() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<20 {
            let text = Writing.document(Self.request(using: &random), using: &random)
            let bytes = Array(text.utf8)
            let end = (bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0)
            for count in 0...end {
                #expect(problem(with: Array(bytes[..<count]))?.param == nil, "\(random): \(count)")
                #expect(problem(with: Array(bytes[..<count])) != nil, "\(random): \(count)")
            }
        }
    }

    @Test("random bytes do not trap", arguments: [5, 6] as [UInt64])
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<3_000 {
            let count = Int.random(in: 0..<40, using: &random)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let inObject = Array(#"{"a":""#.utf8) + noise
            for endpoint in Endpoint.allCases {
                _ = ResponseScan.scan(ByteBuffer(bytes: noise), endpoint: endpoint)
                _ = ResponseScan.scan(ByteBuffer(bytes: inObject), endpoint: endpoint)
            }
            #expect(problem(with: noise) != nil, "seed \(seed): \(noise)")
            _ = problem(with: inObject)
        }
    }

    private func compare(_ bytes: [UInt8], _ endpoint: Endpoint, _ label: String) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        let problem = problem(with: bytes, endpoint)
        let isRefused = problem != nil && problem?.param == nil
        let tree: JSONValue
        do throws(JSONSyntaxError) {
            tree = try JSONValue(parsing: bytes, maximumDepth: 128)
        } catch {
            // A name that appears twice is refused there, and here only if it matters.
            #expect(isRefused || error.code == .duplicateMember, "\(label): only we take \(text)")
            return
        }
        #expect(isRefused == (tree.objectValue == nil), "\(label): \(text)")
        guard tree.objectValue != nil else { return }
        if let param = problem?.param {
            let isBad = !RequestOracle.isGood(param, in: tree)
            let isEscaped = problem?.message.contains("escapes") ?? false
            #expect(isBad || isEscaped, "\(label): \(param) in \(text)")
            return
        }
        let body = ByteBuffer(bytes: bytes)
        let scan = try RequestScan.scan(body, endpoint: endpoint)
        let oracle = RequestOracle(tree, endpoint)
        #expect(scan.model == oracle.model, "\(label): \(text)")
        #expect(scan.isStream == oracle.isStream, "\(label): \(text)")
        #expect(scan.wantsUsage == oracle.wantsUsage, "\(label): \(text)")
        #expect(scan.maximumOutputTokens == oracle.maximum, "\(label): \(text)")
        #expect(scan.choices == oracle.choices, "\(label): \(text)")
        #expect(scan.promptBytes == oracle.promptBytes, "\(label): \(text)")
        for (model, asks) in [("b\"\n", false), ("b", true), (nil, true)] as [(String?, Bool)] {
            let result = scan.upstreamBody(from: body, model: model, asksForUsage: asks)
            let expected = oracle.upstream(model: model, asksForUsage: asks)
            let actual = try JSONValue(parsing: result.readableBytesView, maximumDepth: 128)
            #expect(actual.canonicalBytes == expected.canonicalBytes, "\(label): \(text)")
        }
    }

    private static func request(using random: inout SeededRandom) -> JSONValue {
        let names = [
            "model", "stream", "stream_options", "n", "best_of", "max_tokens",
            "max_completion_tokens", "max_output_tokens", "parameters", "messages", "prompt",
            "suffix", "input", "instructions", "tools", "functions", "text_input", "inputs",
            "other", "temperature",
        ]
        var object = JSONObject()
        for name in names.shuffled(using: &random).prefix(Int.random(in: 0...12, using: &random)) {
            object[name] = value(of: name, using: &random)
        }
        return .object(object)
    }

    private static func value(of name: String, using random: inout SeededRandom) -> JSONValue {
        guard Int.random(in: 0..<30, using: &random) > 0 else {
            return Writing.value(using: &random)
        }
        func integer(_ most: Int64) -> JSONValue {
            .number(JSONNumber(Int64.random(in: 1...most, using: &random)))
        }
        switch name {
        case "model": return .string(Writing.text(8, using: &random))
        case "stream": return .bool(.random(using: &random))
        case "n", "best_of": return integer(128)
        case "max_tokens", "max_completion_tokens", "max_output_tokens": return integer(1 << 53 - 1)
        case "stream_options", "parameters":
            var object = JSONObject()
            if Bool.random(using: &random) { object["other"] = Writing.value(using: &random) }
            if Bool.random(using: &random) {
                object["include_usage"] = .bool(.random(using: &random))
            }
            if Bool.random(using: &random) { object["max_tokens"] = integer(100) }
            if Bool.random(using: &random) { object["last"] = .null }
            return .object(object)
        default: return Writing.value(depth: 4, using: &random)
        }
    }
}
