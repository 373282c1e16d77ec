import LLMWire
import NIOCore
import QuotaTesting
import StrictJSON
import Testing

@Suite("Whole answers")
struct ResponseScanTests {
    @Test(
        "usage, text and errors are read",
        arguments: [
            (
                .chatCompletions,
                #"{"choices":[{"message":{"role":"assistant","content":"hello","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"},{"message":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#,
                Usage(input: 5, output: 2), 3, nil
            ),
            (.completions, #"{"choices":[{"text":"abcde"}]}"#, nil, 2, nil),
            (
                .embeddings,
                #"{"data":[{"embedding":[0.1,-2e-3]}],"usage":{"prompt_tokens":5,"total_tokens":5}}"#,
                Usage(input: 5, output: 0), 0, nil
            ),
            (
                .responses,
                #"{"error":null,"output":[{"type":"reasoning","summary":[{"text":"ab"}]},{"content":[{"text":"abc","annotations":[]}]},{"arguments":"d"}],"text":{"format":"x"},"usage":{"input_tokens":1,"output_tokens":3,"output_tokens_details":{"reasoning_tokens":2}}}"#,
                Usage(input: 1, output: 3, reasoning: 2), 2, nil
            ),
            (.tritonGenerate, #"{"model_name":"m","text_output":"abcde"}"#, nil, 2, nil),
            (
                .tritonInfer,
                #"{"outputs":[{"name":"text_output","shape":[1],"data":[["abcde"],7]},3]}"#, nil, 2,
                nil
            ),
            (.chatCompletions, #"{"error":{"message":"no"}}"#, nil, 0, "no"),
            (.tritonInfer, #"{"error":"no"}"#, nil, 0, "no"),
            (.embeddings, #"{"object":"error","message":"no"}"#, nil, 0, "no"),
        ] as [(Endpoint, String, Usage?, Int64, String?)])
    func answers(endpoint: Endpoint, body: String, usage: Usage?, tokens: Int64, error: String?) {
        let scan = ResponseScan.scan(ByteBuffer(string: body), endpoint: endpoint)
        #expect(scan.isJSON)
        #expect(scan.usage == usage)
        #expect(scan.outputTokens == tokens)
        #expect(scan.isError == (error != nil))
        #expect(scan.errorMessage == error)
    }

    @Test(
        "what is no JSON object says nothing",
        arguments: [
            "", "<html>", "[]", "7", #"{"usage":{"prompt_tokens":5,"completion_tokens":2}"#,
        ])
    func noObject(body: String) {
        for endpoint in Endpoint.allCases {
            let scan = ResponseScan.scan(ByteBuffer(string: body), endpoint: endpoint)
            #expect(!scan.isJSON)
            #expect(!scan.isError)
            #expect(scan.usage == nil)
            #expect(scan.outputTokens == 0)
        }
    }

    @Test("random answers say what their tree says", arguments: [1, 2] as [UInt64])
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            for endpoint in [Endpoint.chatCompletions, .embeddings, .responses, .tritonInfer] {
                var object = JSONObject()
                for name in ["choices", "outputs", "output", "text_output", "error", "other"]
                where Bool.random(using: &random) {
                    object[name] = Writing.value(using: &random)
                }
                object["usage"] = RandomStream.usage(endpoint, using: &random)
                let tree = JSONValue.object(object)
                let text = Writing.document(tree, using: &random)
                let scan = ResponseScan.scan(ByteBuffer(string: text), endpoint: endpoint)
                let reading = TreeReading(tree, endpoint, isWhole: true)
                #expect(scan.isJSON, "seed \(seed), round \(round): \(text)")
                #expect(
                    scan.outputTokens == reading.tokens, "seed \(seed), round \(round): \(text)")
                #expect(scan.errorMessage == reading.error, "seed \(seed), round \(round): \(text)")
                // Usage is where the endpoint has one.
                let usage = endpoint.isTriton ? nil : reading.usage
                #expect(scan.usage == usage, "seed \(seed), round \(round): \(text)")
            }
        }
    }
}
