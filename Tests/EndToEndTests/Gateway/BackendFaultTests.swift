import StrictJSON
import Testing
import WeirClient

/// Backends that fail in every way they know, behind a real server.
@Suite("failing backends behind the gateway", .timeLimit(.minutes(15)))
struct BackendFaultTests {
    /// What has to come of a fault.
    private enum Outcome {
        /// An error before anything of an answer, and no bill.
        case refused(Int, code: String?)
        /// A stream that ends with an error, with a bill for so many tokens of output; none for 0.
        case broken(output: Int64)
        /// A whole answer whose usage is not believed.
        case contradicted
    }

    private struct Case {
        let fault: String
        let whole: Outcome
        let stream: Outcome

        init(_ fault: String, _ whole: Outcome, stream: Outcome? = nil) {
            (self.fault, self.whole, self.stream) = (fault, whole, stream ?? whole)
        }
    }

    private static let cases = [
        Case("500", .refused(502, code: "backend_error")),
        Case("503", .refused(503, code: "no_capacity")),
        Case("429", .refused(503, code: "no_capacity")),
        // The backend's credential is not the caller's affair.
        Case("401", .refused(502, code: "backend_error")),
        // What the backend finds wrong with a request is said in its words.
        Case("400", .refused(400, code: "mock_failure")),
        Case("422", .refused(422, code: "mock_failure")),
        Case("cut:0", .refused(502, code: "backend_error"), stream: .broken(output: 0)),
        Case("cut:1", .refused(502, code: "backend_error"), stream: .broken(output: 1)),
        Case("cut:7", .refused(502, code: "backend_error"), stream: .broken(output: 7)),
        Case("error:0", .refused(502, code: "backend_error"), stream: .broken(output: 0)),
        Case("error:7", .refused(502, code: "backend_error"), stream: .broken(output: 7)),
        Case("garbage", .refused(502, code: "backend_error"), stream: .broken(output: 0)),
        Case("reset", .refused(502, code: "backend_error")),
        Case("stall", .refused(504, code: "backend_timeout")),
        Case("wrong-usage", .contradicted),
    ]

    /// A model for each case: what is made of one fault must not hang on those before it, which
    /// open circuit breakers.
    private func serve(
        _ models: [String], flags: [String] = [],
        _ body: (GatewayServer, String) async throws -> Void
    ) async throws {
        try await GatewayServer.run(
            backends: [flags, flags],
            gateway: GatewaySection(
                models: models.map { .init($0, backends: [0, 1]) },
                settings: [
                    "first_byte_timeout_ms": 700, "idle_timeout_ms": 700,
                    "total_timeout_ms": 3_000, "probe_interval_ms": 0,
                ])
        ) { server in
            try await body(server, try await server.unlimitedTenant())
        }
    }

    private func request(
        _ model: String, _ key: String, _ fault: String, isStream: Bool, maximum: Int64? = 20
    ) -> RawRequest {
        let maximum = maximum.map { #","max_tokens":\#($0)"# } ?? ""
        return .chat(
            key, model: model,
            #""stream":\#(isStream)\#(maximum),"mock":{"fail":"\#(fault)"}"#)
    }

    @Test("every fault has an outcome: an error or a flagged bill", arguments: [false, true])
    func faults(isStream: Bool) async throws {
        try await serve(Self.cases.indices.map { "model-\($0)" }) { server, key in
            for (index, one) in Self.cases.enumerated() {
                let request = request("model-\(index)", key, one.fault, isStream: isStream)
                let before = try await server.used()["ai_tokens/month"] ?? 0
                let hearing = try await RawCall.exchange(request.bytes, url: server.url)
                let what = "\(one.fault): \(hearing.text.suffix(900))"
                #expect(hearing.isClosed, "\(what)")
                let answer = try #require(hearing.answers.first, "\(what)")
                #expect(hearing.answers.count == 1, "\(what)")
                let booked = (try await server.used()["ai_tokens/month"] ?? 0) - before
                let booking = booked == 0 ? nil : try await server.bookings().first
                switch isStream ? one.stream : one.whole {
                case .refused(let status, let code):
                    #expect(answer.status == status, "\(what)")
                    #expect(answer.error?["code"]?.stringValue == code, "\(what)")
                    #expect(booked == 0, "\(what)")
                    if status == 503 { #expect(answer["retry-after"] != nil, "\(what)") }
                case .broken(let output):
                    expect(answer, toBreakAfter: output, booking, what)
                case .contradicted:
                    #expect(answer.status == 200, "\(what)")
                    #expect(booking?["usage_contradicts_stream"] == true, "\(what)")
                    #expect(booking?["estimated"] == true, "\(what)")
                    #expect(booked >= 20, "\(what)")
                }
            }
        }
    }

    private func expect(
        _ answer: RawAnswer, toBreakAfter output: Int64, _ booking: JSONValue?, _ what: String
    ) {
        #expect(answer.status == 200, "\(what)")
        let events = answer.text.split(separator: "\n\n")
        let pieces = events.filter { $0.contains(#""content":" "#) }
        #expect(pieces.count == output, "\(what)")
        #expect(!answer.text.contains("[DONE]"), "\(what)")
        let last = events.last.map { Array($0.dropFirst("data: ".count).utf8) } ?? []
        let error = try? JSONValue(parsing: last)["error"]
        #expect(error?["message"]?.stringValue?.isEmpty == false, "\(what)")
        if output == 0 {
            #expect(booking == nil, "\(what)")
        } else {
            #expect(booking?["output_tokens"]?.integerValue == output, "\(what)")
            #expect(booking?["outcome"] == "failed", "\(what)")
            #expect(booking?["estimated"] == true, "\(what)")
        }
    }

    @Test(
        "a stream that never ends is ended, and what came of it is booked",
        arguments: [
            // Slow enough for the time to end it; then so fast that its length does.
            (["--tokens-per-second", "100"], nil, "backend_timeout", "timed_out"),
            ([], 20, "backend_error", "overrun"),
        ] as [([String], Int64?, String, String)])
    func endless(flags: [String], maximum: Int64?, code: String, outcome: String) async throws {
        try await serve(["small"], flags: flags) { server, key in
            let request = request("small", key, "endless", isStream: true, maximum: maximum)
            let hearing = try await RawCall.exchange(request.bytes, url: server.url)
            #expect(hearing.isClosed)
            let answer = try #require(hearing.answers.first)
            #expect(answer.text.contains(#""code":"\#(code)""#))
            _ = try await server.used()
            let booking = try #require(try await server.bookings().first)
            #expect(booking["outcome"]?.stringValue == outcome)
            let output = try #require(booking["output_tokens"]?.integerValue)
            let books = try await server.books()
            #expect(books.cancelled == 1)
            #expect(output > 0 && output <= books.completionTokens)
        }
    }

    @Test("sixty faults at once leave nothing held, and a server that answers")
    func burst() async throws {
        try await serve(["small", "other"]) { server, key in
            // A burst of all faults at once, of which none may keep its units or its connection.
            try await Concurrently.each(60, limit: 20) { number in
                let one = Self.cases[number % Self.cases.count]
                let request = request("small", key, one.fault, isStream: number % 2 == 0)
                let hearing = try await RawCall.exchange(request.bytes, url: server.url)
                #expect(hearing.isClosed)
                #expect(hearing.answers.count == 1, "\(one.fault): \(hearing.text)")
            }
            let used = try await server.used()
            let well = RawRequest.chat(key, model: "other")
            let before = try await server.books().tokens
            let hearing = try await RawCall.exchange(well.bytes, url: server.url)
            #expect(hearing.answers.first?.status == 200)
            let generated = try await server.books().tokens - before
            let booked = try await server.used()["ai_tokens/month"] ?? 0
            #expect(booked - (used["ai_tokens/month"] ?? 0) == generated)
        }
    }
}
