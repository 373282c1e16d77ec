import StrictJSON
import Testing
import WeirClient

/// What a connection to the gateway can go through.
@Suite("connections to the gateway", .timeLimit(.minutes(15)))
struct ConnectionTests {
    @Test("ten chats in one write are answered in their order", arguments: [false, true])
    func pipelined(isStream: Bool) async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let requests = (1...10)
                .map { number in
                    RawRequest.chat(key, #""max_tokens":\#(number),"stream":\#(isStream)"#)
                        .with {
                            $0.lines = ["X-Request-Id: number-\(number)"]
                            $0.isLast = number == 10
                        }
                }
            let hearing = try await RawCall.exchange(requests.flatMap(\.bytes), url: server.url)
            #expect(hearing.isClosed)
            #expect(hearing.answers.map(\.status) == Array(repeating: 200, count: 10))
            #expect(hearing.answers.map { $0["x-request-id"] } == (1...10).map { "number-\($0)" })
            let books = try await server.books()
            #expect(books.requests == 10)
            #expect(books.completionTokens == 55)
            #expect(try await server.used()["ai_tokens/month"] == books.tokens)
        }
    }

    @Test("chats and the quota's own calls take turns on a connection")
    func mixed() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let chat = RawRequest.chat(key).with { $0.isLast = false }
            let consume = chat.with {
                $0.path = "/api/v1/consume"
                $0.body = Array(#"{"charges":[{"meter":"ai_tokens","amount":7}]}"#.utf8)
            }
            let models = RawRequest(method: "GET", path: "/v1/models", key: key, isLast: false)
            let unknown = chat.with { $0.path = "/v1/unknown" }
            let refused = chat.with { $0.contentType = "text/plain" }
            let usage = RawRequest(method: "GET", path: "/api/v1/usage", key: key)
            let all = [chat, consume, unknown, chat, models, refused, consume, chat, usage]
            let hearing = try await RawCall.exchange(all.flatMap(\.bytes), url: server.url)
            #expect(hearing.isClosed)
            let answers = hearing.answers
            #expect(answers.map(\.status) == [200, 200, 404, 200, 200, 415, 200, 200, 200])
            let tokens = try await server.books().tokens + 14
            // The last answer knows of all that came before it.
            let last = try #require(answers.last)
            let limits = try JSONValue(parsing: last.body)["limits"]?.arrayValue ?? []
            let counted = limits.first { $0["meter"] == "ai_tokens" }
            #expect(counted?["used"]?.integerValue == tokens)
            #expect(try await server.used()["ai_tokens/month"] == tokens)
        }
    }

    @Test("a client of HTTP/1.0 gets its answer, and the end of it", arguments: [false, true])
    func old(isStream: Bool) async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let request = RawRequest.chat(key, #""max_tokens":5,"stream":\#(isStream)"#)
                .with {
                    ($0.version, $0.isLast) = ("1.0", false)
                }
            let hearing = try await RawCall.exchange(request.bytes, url: server.url)
            #expect(hearing.isClosed)
            let answer = try #require(hearing.answers.first)
            #expect(answer.status == 200)
            #expect(answer["transfer-encoding"] == nil)
            #expect(answer.text.contains(isStream ? "data: [DONE]" : #""completion_tokens":5"#))
            let books = try await server.books()
            #expect(try await server.used()["ai_tokens/month"] == books.tokens)
        }
    }

    @Test(
        "an answer of HTTP/1.0 ends with its connection, though the client would keep it",
        arguments: [false, true])
    func oldAndKept(isStream: Bool) async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let request = RawRequest.chat(key, #""max_tokens":5,"stream":\#(isStream)"#)
                .with {
                    ($0.version, $0.isLast) = ("1.0", false)
                    $0.lines = ["Connection: keep-alive"]
                }
            let hearing = try await RawCall.exchange(request.bytes, url: server.url)
            #expect(hearing.isClosed)
            let answer = try #require(hearing.answers.first)
            #expect(answer.status == 200)
            #expect(answer["transfer-encoding"] == nil)
            #expect(answer["connection"]?.lowercased() != "keep-alive")
            #expect(answer.text.contains(isStream ? "data: [DONE]" : #""completion_tokens":5"#))
            let books = try await server.books()
            #expect(try await server.used()["ai_tokens/month"] == books.tokens)
        }
    }

    @Test("who has no good key is told so before the body is sent", arguments: ["wk_live_x", nil])
    func wrongKey(key: String?) async throws {
        try await GatewayServer.run { server in
            let request = RawRequest.chat("")
                .with {
                    ($0.key, $0.isLast, $0.givesLength, $0.body) = (key, false, false, [])
                    $0.lines = ["Content-Length: 5000000"]
                }
            let hearing = try await RawCall.exchange(request.bytes, url: server.url) {
                !$0.answers.isEmpty
            }
            let answer = try #require(hearing.answers.first)
            #expect(answer.status == 401)
            #expect(answer.error?["code"]?.stringValue == "invalid_api_key")
            #expect(try await server.books().requests == 0)
        }
    }

    @Test("who says that nothing more follows has left, or is answered; nothing stays held")
    func halfClosed() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            for more in [#""max_tokens":3"#, #""max_tokens":3,"stream":true"#] {
                let request = RawRequest.chat(key, more).with { $0.isLast = false }
                let hearing = try await RawCall.exchange(
                    request.bytes, url: server.url, halfCloses: true)
                #expect(hearing.isClosed)
            }
            let books = try await server.books()
            let used = try #require(try await server.used()["ai_tokens/month"])
            // What was generated before it was known, and the prompt by estimate.
            #expect(used <= books.tokens + 2 * 16)
        }
    }

    @Test("a client that leaves before its request is whole has asked for nothing")
    func leavesEarly() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let chat = RawRequest.chat(key)
            let head = Array(chat.bytes.dropLast(chat.body.count))
            for bytes in [head, Array(chat.bytes.dropLast(3)), Array(head.prefix(20))] {
                _ = try await RawCall.exchange(bytes, url: server.url) { _ in true }
            }
            // A request that is whole, on a connection that came later.
            let hearing = try await RawCall.exchange(chat.bytes, url: server.url)
            #expect(hearing.answers.first?.status == 200)
            #expect(try await server.books().requests == 1)
            let used = try await server.used()
            #expect(used["api_calls/month"] == 1)
            let books = try await server.books()
            #expect(used["ai_tokens/month"] == books.tokens)
        }
    }

    @Test("a client that leaves in mid-stream pays for what it saw, and the backend stops")
    func leavesStream() async throws {
        let paced = ["--tokens-per-second", "200", "--output-tokens", "100000"]
        try await GatewayServer.run(backends: [paced, paced]) { server in
            let key = try await server.unlimitedTenant()
            let request = RawRequest.chat(key, #""max_tokens":100000,"stream":true"#)
            let hearing = try await RawCall.exchange(request.bytes, url: server.url) {
                $0.text.split(separator: "\n").filter { $0.contains(#""content":" "#) }.count >= 10
            }
            #expect(!hearing.isClosed)
            // Waits until nothing is held, and until the backends are at rest.
            let used = try await server.used()
            let books = try await server.books()
            #expect(books.cancelled == 1)
            #expect(used["api_calls/month"] == 1)
            let booking = try #require(try await server.bookings().first)
            #expect(booking["outcome"] == "cancelled")
            let output = try #require(booking["output_tokens"]?.integerValue)
            // Between what was relayed and what was generated.
            #expect(output >= 10)
            #expect(output <= books.completionTokens)
        }
    }
}
