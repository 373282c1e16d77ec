import StrictJSON
import Testing
import WeirClient

/// Applications that use the official client, with nothing changed but its address.
@Suite(
    "the official openai client",
    .timeLimit(.minutes(15)),
    .enabled(
        if: OpenAIClient.isInstalled,
        "the Python package openai is not installed; scripts/test installs it"))
struct OpenAIClientTests {
    @Test("a chat is what it is at the backend itself, and billed to the token")
    func whole() async throws {
        try await GatewayServer.run(backends: [[]]) { server in
            let key = try await server.unlimitedTenant()
            let direct = try await OpenAIClient.run("whole", url: server.backends[0], key: "any")
            let before = try await server.books()
            let answer = try await OpenAIClient.run("whole", url: server.url, key: key)
            #expect(answer == direct)
            #expect(answer["completion_tokens"]?.integerValue == 12)
            let after = try await server.books()
            let used = try await server.used()
            #expect(used["ai_tokens/month"] == after.tokens - before.tokens)
            #expect(used["api_calls/month"] == 1)
            let cost =
                (after.promptTokens - before.promptTokens) * GatewaySection.Model.nanoPerInputToken
                + 12 * GatewaySection.Model.nanoPerOutputToken
            #expect(used["cost_usd/month"] == cost)
        }
    }

    @Test("a stream is what it is at the backend itself", arguments: ["usage", "plain"])
    func stream(kind: String) async throws {
        try await GatewayServer.run(backends: [[]]) { server in
            let key = try await server.unlimitedTenant()
            let direct = try await OpenAIClient.run(
                "stream", kind, url: server.backends[0], key: "any")
            let before = try await server.books()
            let answer = try await OpenAIClient.run("stream", kind, url: server.url, key: key)
            #expect(answer == direct)
            #expect(answer["pieces"]?.integerValue == 12)
            #expect(answer["usages"]?.arrayValue?.count == (kind == "usage" ? 1 : 0))
            let after = try await server.books()
            #expect(try await server.used()["ai_tokens/month"] == after.tokens - before.tokens)
        }
    }

    @Test("completions, embeddings, responses and models answer as at the backend")
    func others() async throws {
        try await GatewayServer.run(backends: [[]]) { server in
            let key = try await server.unlimitedTenant()
            let direct = try await OpenAIClient.run("others", url: server.backends[0], key: "any")
            let before = try await server.books()
            let answer = try await OpenAIClient.run("others", url: server.url, key: key)
            #expect(answer == direct)
            #expect(answer["models"] == ["small"])
            #expect(answer["embeddings"] == [8, 8])
            let after = try await server.books()
            let used = try await server.used()
            #expect(used["ai_tokens/month"] == after.tokens - before.tokens)
            #expect(used["api_calls/month"] == 5)
        }
    }

    @Test("over a rate it waits as long as it is told, and succeeds")
    func retriesOverARate() async throws {
        try await GatewayServer.run { server in
            let key = try await server.tenant("busy", ["api_calls/second": 3])
            let patient = try await OpenAIClient.run("burst", "20", url: server.url, key: key)
            #expect(patient["answered"] == 9)
            let sent = try #require(patient["retry_counts"]?.arrayValue)
            #expect(sent.count > 9, "nine within a second are not refused: \(sent)")
            #expect(sent.contains("1"))
            // No backend has seen what was refused.
            #expect(try await server.books().requests == 9)
        }
    }

    @Test("over a rate, told not to try again, it says which limit")
    func givesUpOverARate() async throws {
        try await GatewayServer.run { server in
            let key = try await server.tenant("busy", ["api_calls/minute": 3])
            let hasty = try await OpenAIClient.run("burst", "0", url: server.url, key: key)
            let error = try #require(hasty["error"])
            #expect(error["class"] == "RateLimitError")
            #expect(error["code"] == "rate_limit_exceeded")
            #expect(error["body"]?["limit_id"] == "tenant:api_calls/minute")
            let wait = try #require(error["body"]?["retry_after_ms"]?.integerValue)
            #expect((1...60_000).contains(wait))
            #expect(try await server.books().requests == hasty["answered"]?.integerValue)
        }
    }

    @Test("over its budget it fails at once, and says what would lift the limit")
    func budget() async throws {
        try await GatewayServer.run { server in
            _ = try await server.tenant("large", ["api_calls/month": 2_000], weight: 2)
            let key = try await server.tenant("small", ["api_calls/month": 2])
            let answer = try await OpenAIClient.run("budget", url: server.url, key: key)
            #expect(answer["answered"] == 2)
            let error = try #require(answer["error"])
            #expect(error["class"] == "RateLimitError")
            #expect(error["code"] == "insufficient_quota")
            #expect(error["type"] == "insufficient_quota")
            #expect(error["body"]?["limit_id"] == "tenant:api_calls/month")
            #expect(error["body"]?["plan"] == "small")
            #expect(error["body"]?["upgrade"] == ["plan": "large", "limit": 2_000])
            #expect(error["should_retry"] == "false")
            // Five retries were allowed, and none was made.
            #expect(error["retry_counts"] == ["0", "0", "0"])
            #expect(try await server.books().requests == 2)
            #expect(try await server.used(by: "small")["api_calls/month"] == 2)
        }
    }

    @Test("a wrong key and an unknown model are told apart, and not tried again")
    func wrong() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let stranger = try await OpenAIClient.run(
                "failing", "small", url: server.url, key: "nobody")
            #expect(stranger["error"]?["class"] == "AuthenticationError")
            #expect(stranger["error"]?["code"] == "invalid_api_key")
            #expect(stranger["error"]?["retry_counts"] == ["0"])
            let lost = try await OpenAIClient.run("failing", "large", url: server.url, key: key)
            #expect(lost["error"]?["class"] == "NotFoundError")
            #expect(lost["error"]?["code"] == "model_not_found")
            #expect(lost["error"]?["param"] == "model")
            #expect(lost["error"]?["retry_counts"] == ["0"])
            #expect(try await server.books().requests == 0)
        }
    }

    @Test("a failing backend is not seen where another one works, else it is a server's error")
    func failing() async throws {
        try await GatewayServer.run(
            backends: [["--fail-percent", "100"], []],
            gateway: GatewaySection(models: [
                // In turn, so that the failing one is asked.
                .init("small", backends: [0, 1], strategy: "weighted"),
                .init("broken", backends: [0]),
            ])
        ) { server in
            let key = try await server.unlimitedTenant()
            let patient = try await OpenAIClient.run("burst", "0", url: server.url, key: key)
            #expect(patient["answered"] == 9)
            #expect(try await server.books(ofBackend: 0).requests > 0)
            let well = try await server.books(ofBackend: 1)
            #expect(well.requests == 9)
            let answer = try await OpenAIClient.run("failing", "broken", url: server.url, key: key)
            let error = try #require(answer["error"])
            #expect(error["class"] == "InternalServerError")
            #expect(error["retry_counts"] == ["0", "1", "2"])
            let used = try await server.used()
            #expect(used["api_calls/month"] == 9)
            #expect(used["ai_tokens/month"] == well.tokens)
        }
    }

    @Test(
        "a stream that breaks is an error, and what was seen is billed",
        arguments: ["cut:5", "error:5"])
    func cut(fault: String) async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let answer = try await OpenAIClient.run("cut", fault, url: server.url, key: key)
            #expect(answer["pieces"] == 5)
            let classes = try #require(answer["error"]?["classes"]?.arrayValue)
            #expect(classes.contains("APIError"), "\(answer)")
            _ = try await server.used()
            let booking = try #require(try await server.bookings().first)
            #expect(booking["outcome"] == "failed")
            #expect(booking["estimated"] == true)
            #expect(booking["output_tokens"] == 5)
        }
    }
}
