import QuotaTesting
import StrictJSON
import Testing

@Suite("rates")
struct RateTests {
    /// A rate, the units it admits at once by default, and the time in which one flows in.
    struct Case: Sendable, CustomTestStringConvertible {
        let window: String
        let quantity: Int64
        let burst: Int64
        let interval: Duration

        var testDescription: String { "\(quantity) a \(window)" }
    }

    static let cases = [
        Case(window: "second", quantity: 10, burst: 10, interval: .milliseconds(100)),
        Case(window: "minute", quantity: 60, burst: 60, interval: .seconds(1)),
        Case(window: "hour", quantity: 100, burst: 10, interval: .seconds(36)),
        Case(window: "hour", quantity: 5, burst: 1, interval: .seconds(720)),
    ]

    private func server(_ row: Case) async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free", [.limit(row.quantity, "api_calls", per: row.window)])
        return server
    }

    @Test("a burst passes, the next waits until its unit has flowed in", arguments: cases)
    func burst(row: Case) async throws {
        let server = try await server(row)
        let limit = "tenant:api_calls/\(row.window)"
        for _ in 0..<row.burst {
            #expect(try await server.admin.consume(1, "api_calls").status == 200)
        }
        let refused = try await server.admin.consume(1, "api_calls")
        expectRefusal(refused, by: limit, reason: "rate_exceeded")
        let milliseconds =
            row.interval.components.seconds * 1000
            + row.interval.components.attoseconds / 1_000_000_000_000_000
        #expect(refused["denied_by", "retry_after_ms"]?.integerValue == milliseconds)
        let seconds = try #require(refused.header("Retry-After").flatMap { Int64($0) })
        #expect(seconds == (milliseconds + 999) / 1000)
        let item = RateLimitItem.list(refused.header("RateLimit")).first { $0.name == limit }
        #expect(seconds >= item?.parameters["t"] ?? .max)
        #expect(item?.parameters["r"] == 0, "none can be taken, whatever the limit leaves")

        server.clock.advance(by: row.interval)
        server.clock.advance(nanoseconds: -1)
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
        server.clock.advance(nanoseconds: 1)
        #expect(try await server.admin.consume(1, "api_calls").status == 200)
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
    }

    @Test("more than the burst never passes", arguments: cases)
    func tooMuch(row: Case) async throws {
        let server = try await server(row)
        let reply = try await server.admin.consume(row.burst + 1, "api_calls")
        expectRefusal(
            reply, by: "tenant:api_calls/\(row.window)", reason: "rate_exceeded")
        #expect(reply["denied_by", "retry_after_ms"] == .null)
        #expect(try await server.admin.consume(row.burst, "api_calls").status == 200)
    }

    @Test("remaining is limit minus used, never below 0", arguments: cases)
    func remaining(row: Case) async throws {
        let server = try await server(row)
        let reply = try await server.admin.consume(1, "api_calls")
        let limit = try #require(reply.limit("tenant:api_calls/\(row.window)"))
        let quantity = try #require(limit["limit"]?.integerValue)
        let used = try #require(limit["used"]?.integerValue)
        #expect(quantity == row.quantity)
        #expect(used == 1)
        #expect(limit["remaining"]?.integerValue == max(0, quantity - used))
    }

    @Test("a burst of its own replaces the default")
    func ownBurst() async throws {
        let server = try await TestServer()
        var limit = JSONValue.limit(10, "api_calls", per: "second").objectValue ?? JSONObject()
        limit["burst"] = 25
        _ = try await server.admin.putPlan("free", [.object(limit)])
        #expect(try await server.admin.consume(25, "api_calls").status == 200)
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
        server.clock.advance(by: .seconds(1))
        #expect(try await server.admin.consume(10, "api_calls").status == 200)
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
    }

    @Test("a request refused by a budget takes no tokens of a rate")
    func refusedByBudget() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [.limit(5, "api_calls", per: "second"), .limit(1, "ai_tokens", per: "day")])
        let refused = try await server.admin.consume([
            "tenant": "acme", "charges": [.charge(5, "api_calls"), .charge(2, "ai_tokens")],
        ])
        expectRefusal(refused, by: "tenant:ai_tokens/day")
        #expect(try await server.admin.consume(5, "api_calls").status == 200)
    }
}
