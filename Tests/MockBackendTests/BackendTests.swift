import NIOCore
import NIOPosix
import StrictJSON
import Testing

@testable import MockBackend

@Suite("A mock backend on a port")
struct BackendTests {
    @Test("It answers, streams, and says what it generated for whom")
    func answers() async throws {
        try await serve { backend in
            let whole = try await backend.exchange(post: chatBody(#","max_tokens":3"#), id: "a")
            #expect(whole.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(whole.contains("\r\nX-Request-Id: a\r\n"))
            let stream = try await backend.exchange(
                post: chatBody(#","max_tokens":5,"stream":true"#), id: "b")
            #expect(stream.hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
            let figures = try await backend.figures()
            #expect(figures["requests"]?.integerValue == 2)
            #expect(figures["completed"]?.integerValue == 2)
            #expect(figures["running"]?.integerValue == 0)
            #expect(figures["prompt_tokens"]?.integerValue == 4)
            #expect(figures["completion_tokens"]?.integerValue == 8)
            let record = figures["requests_by_id"]?["b"]
            #expect(record?["completion_tokens"]?.integerValue == 5)
            #expect(record?["outcome"]?.stringValue == "completed")
            #expect(backend.statistics.records["a"]?.completionTokens == 3)
        }
    }

    @Test("Every path answers")
    func paths() async throws {
        try await serve { backend in
            for (target, text) in [
                ("/v1/models", #""id":"mock""#), ("/v1/models/mock", #""id":"mock""#),
                ("/health", "200 OK"), ("/v2/health/ready", "200 OK"),
                ("/metrics", "vllm:num_requests_running"), ("/v1/models/other", "404 Not Found"),
                ("/other", "404 Not Found"),
            ] {
                let answer = try await backend.exchange("GET \(target) HTTP/1.1\r\n")
                #expect(answer.contains(text), "\(target)")
            }
            for (target, body) in [
                ("/v1/completions", #"{"model":"mock","prompt":"a"}"#),
                ("/v1/embeddings", #"{"model":"mock","input":"a"}"#),
                ("/v1/responses", #"{"model":"mock","input":"a"}"#),
                ("/v2/models/mock/generate", #"{"text_input":"a"}"#),
                ("/v2/models/mock/generate_stream", #"{"text_input":"a"}"#),
                ("/v2/models/mock/infer", #"{"inputs":[]}"#),
            ] {
                let answer = try await backend.exchange(post: body, to: target)
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(target)")
            }
        }
    }

    @Test("Without its key nobody gets more than the health")
    func key() async throws {
        try await serve(settings { $0.apiKey = "k" }) { backend in
            let none = try await backend.exchange(post: chatBody())
            #expect(none.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
            #expect(none.contains(#""code":"invalid_api_key""#))
            let right = try await backend.exchange(
                post: chatBody(), headers: "authorization: Bearer k\r\n")
            #expect(right.hasPrefix("HTTP/1.1 200 OK\r\n"))
            let health = try await backend.exchange("GET /health HTTP/1.1\r\n")
            #expect(health.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(backend.statistics.failed == 1)
        }
    }

    @Test("Headers ask for faults: a status, a cut, no answer at all")
    func faults() async throws {
        try await serve { backend in
            let failed = try await backend.exchange(
                post: chatBody(), headers: "X-Mock-Fail: 503\r\n")
            #expect(failed.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(failed.contains("\r\nRetry-After: 1\r\n"))
            let cut = try await backend.exchange(
                post: chatBody(#","stream":true"#), id: "c", headers: "x-mock-fail: cut:3\r\n")
            #expect(cut.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(!cut.hasSuffix("0\r\n\r\n"))
            let reset = try await backend.exchange(
                post: chatBody(), headers: "x-mock-fail: reset\r\n")
            #expect(reset.isEmpty)
            let long = try await backend.exchange(
                post: chatBody(), headers: "x-mock-tokens: 70\r\n")
            #expect(long.contains(#""completion_tokens":70"#))
            #expect(backend.statistics.records["c"]?.completionTokens == 3)
            #expect(backend.statistics.records["c"]?.outcome == .failed)
            #expect(backend.statistics.failed == 3)
        }
    }

    @Test("A client that goes away ends its stream, whose tokens stay counted")
    func disconnects() async throws {
        try await serve { backend in
            let client = try await backend.connect()
            try await client.send(
                post: chatBody(#","stream":true,"mock":{"fail":"endless"}"#), id: "gone")
            try await client.firstBytes()
            #expect(backend.statistics.running == 1)
            try await client.close()
            try await backend.settle()
            let statistics = backend.statistics
            #expect(statistics.cancelled == 1)
            let record = try #require(statistics.records["gone"])
            #expect(record.outcome == .cancelled)
            #expect(record.completionTokens > 0)
            #expect(record.completionTokens == statistics.completionTokens)
        }
    }

    @Test("A stalled request ends with its client, and makes room")
    func stalls() async throws {
        try await serve(settings { $0.maximumConcurrent = 1 }) { backend in
            let client = try await backend.connect()
            try await client.send(post: chatBody(#","mock":{"fail":"stall"}"#), id: "s")
            while backend.statistics.running == 0 { _ = try await backend.figures() }
            let refused = try await backend.exchange(post: chatBody())
            #expect(refused.hasPrefix("HTTP/1.1 503 "))
            try await client.close()
            try await backend.settle()
            let answered = try await backend.exchange(post: chatBody())
            #expect(answered.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("Paced streams end in their time, with all of their tokens")
    func paced() async throws {
        let quick = settings {
            $0.tokensPerSecond = 2_000
            $0.firstTokenMilliseconds = 2
            $0.tickMilliseconds = 1
        }
        try await serve(quick) { backend in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<20 {
                    tasks.addTask {
                        let answer = try await backend.exchange(
                            post: chatBody(#","max_tokens":\#(number + 1),"stream":true"#))
                        #expect(answer.hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(backend.statistics.completionTokens == 210)
            #expect(backend.statistics.completed == 20)
        }
    }

    @Test("Requests that come before the last answer are answered in their order")
    func pipelined() async throws {
        let slow = settings {
            $0.tokensPerSecond = 500
            $0.tickMilliseconds = 1
        }
        try await serve(slow) { backend in
            let short = #","max_tokens":2"#
            let first = requestText(post: chatBody(#","stream":true,"max_tokens":9"#), id: "1")
            let second = requestText(post: chatBody(short), id: "2")
            let third = requestText(post: chatBody(short), id: "3", isLast: true)
            let client = try await backend.connect()
            try await client.send(first + second + third)
            let answers = try await client.all()
            let ids = answers.split(separator: "X-Request-Id: ").dropFirst().compactMap(\.first)
            #expect(ids == ["1", "2", "3"])
        }
    }

    @Test("Bodies beyond the bound get 413, and what is not HTTP gets 400")
    func bounds() async throws {
        try await serve { backend in
            let announced = try await backend.exchange(
                "POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 16777217\r\n")
            #expect(announced.hasPrefix("HTTP/1.1 413 "))
            let client = try await backend.connect()
            let chunk = String(repeating: "x", count: 1_048_576)
            var text = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
            text += "Transfer-Encoding: chunked\r\n\r\n"
            for _ in 0..<17 { text += "100000\r\n\(chunk)\r\n" }
            try await client.send(text)
            #expect(try await client.all().hasPrefix("HTTP/1.1 413 "))
            let malformed = try await backend.exchange("what is this\r\n")
            #expect(malformed.hasPrefix("HTTP/1.1 400 "))
            let empty = try await backend.exchange(post: "")
            #expect(empty.hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test("A client of HTTP/1.0 gets a stream that its connection ends")
    func oldClients() async throws {
        try await serve { backend in
            let body = chatBody(#","stream":true"#)
            let answer = try await backend.exchange(
                "POST /v1/chat/completions HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n",
                body: body)
            #expect(!answer.contains("chunked"))
            #expect(answer.hasSuffix("data: [DONE]\n\n"))
        }
    }

    @Test("A large prompt is read, and asked for when the client waits")
    func largePrompts() async throws {
        try await serve { backend in
            let text = String(repeating: "a", count: 400_000)
            let body = #"{"model":"mock","messages":[{"content":"\#(text)"}]}"#
            let answer = try await backend.exchange(
                post: body, headers: "Expect: 100-continue\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
            #expect(answer.contains(#""prompt_tokens":100000"#))
        }
    }

    @Test("Settings that make no sense stop the start")
    func badSettings() async throws {
        await #expect(throws: MockFailure.self) {
            try await MockBackend.start(
                settings { $0.outputTokens = -1 }, group: MultiThreadedEventLoopGroup.singleton)
        }
    }
}
