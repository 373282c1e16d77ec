import StrictJSON
import Testing

@testable import MockBackend

@Suite("What is counted")
struct StatisticsTests {
    @Test("Every request is running or has ended in one way")
    func outcomes() {
        var statistics = MockStatistics()
        #expect(statistics.begin() == (0, 0))
        #expect(statistics.begin() == (1, 1))
        #expect(statistics.begin() == (2, 2))
        statistics.end(id: nil, outcome: .completed, promptTokens: 1, completionTokens: 2)
        statistics.end(id: "a", outcome: .cancelled, promptTokens: 3, completionTokens: 4)
        #expect(statistics.requests == 3)
        #expect(statistics.running == 1)
        #expect(statistics.completed == 1)
        #expect(statistics.cancelled == 1)
        #expect(statistics.failed == 0)
        #expect(statistics.records.count == 1)
    }

    @Test("An id that comes again adds up, and the oldest ids are forgotten")
    func ids() throws {
        var statistics = MockStatistics(capacity: 3)
        for id in ["a", "b", "a", "c", "d", "e"] {
            _ = statistics.begin()
            statistics.end(
                id: id, outcome: id == "a" ? .failed : .completed, promptTokens: 1,
                completionTokens: 10)
            if id == "c" { #expect(statistics.records["a"]?.attempts == 2) }
            if id == "c" { #expect(statistics.records["a"]?.completionTokens == 20) }
        }
        #expect(statistics.records.keys.sorted() == ["c", "d", "e"])
        _ = statistics.begin()
        let long = String(repeating: "x", count: MockLimits.requestIDBytes + 1)
        statistics.end(id: long, outcome: .completed, promptTokens: 1, completionTokens: 1)
        #expect(statistics.records.count == 3)

        let document = try JSONValue(parsing: statistics.json(withRequests: true))
        #expect(document["requests"]?.integerValue == 7)
        let record = document["requests_by_id"]?["e"]
        #expect(record?["completion_tokens"]?.integerValue == 10)
        #expect(record?["outcome"]?.stringValue == "completed")
        let short = try JSONValue(parsing: statistics.json(withRequests: false))
        #expect(short["requests_by_id"] == nil)
    }

    @Test("Prometheus reads the names of vLLM and of Triton")
    func exposition() {
        var statistics = MockStatistics()
        _ = statistics.begin()
        let text = statistics.exposition(models: [#"a"b"#], maximumConcurrent: 4)
        #expect(text.contains(#"vllm:num_requests_running{model_name="a\"b"} 1"# + "\n"))
        #expect(text.contains(#"vllm:kv_cache_usage_perc{model_name="a\"b"} 0.25"# + "\n"))
        #expect(text.contains("nv_inference_pending_request_count{"))
    }
}
