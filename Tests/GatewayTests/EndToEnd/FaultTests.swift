import MockBackend
import NIOHTTP1
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing

@testable import Gateway

@Suite("what goes wrong behind and before the gateway")
struct FaultTests {
    private static let limits: [Limit] = [
        .month(.apiCalls, 1_000_000), .month(.aiTokens, 1_000_000_000),
    ]

    private func chat(_ more: String) -> String {
        #"{"model":"small","messages":[{"role":"user","content":"Say something about weirs."}],\#(more)}"#
    }

    private func paced(_ tokensPerSecond: Double) -> MockSettings {
        var settings = MockSettings()
        settings.tokensPerSecond = tokensPerSecond
        settings.outputTokens = 1_000
        settings.tickMilliseconds = 1
        return settings
    }

    @Test("a stream that the backend cuts after any piece is settled once, as far as it came")
    func cutByBackend() async throws {
        var long = MockSettings()
        long.outputTokens = 200
        try await TestGateway.with(limits: Self.limits, backends: [long]) { server in
            let length: Int64 = 200
            var (before, calls) = (Int64(0), Int64(0))
            for cut in 0...length {
                // By then the backend is trusted again.
                server.clock.advance(nanoseconds: 120_000_000_000)
                let answer = try? await server.send(
                    chat: chat(
                        #""stream":true,"max_tokens":\#(length),"mock":{"fail":"cut:\#(cut)"}"#))
                try await server.settle()
                let tokens = try await server.used(Meter.aiTokens.id)
                #expect(tokens.held == 0)
                let booked = tokens.used - before
                before = tokens.used
                if cut == 0 {
                    #expect(booked == 0, "nothing had come")
                } else {
                    calls += 1
                    // The prompt is estimated: it has some 7 tokens.
                    #expect((cut + 1...cut + 20).contains(booked), "cut after \(cut): \(booked)")
                }
                let used = try await server.used(Meter.apiCalls.id)
                #expect(used == (calls, 0), "cut after \(cut)")
                if let answer, cut > 0 {
                    #expect(answer.text.contains(#"{"error":{"#), "cut after \(cut)")
                    #expect(!answer.text.contains("[DONE]"))
                }
            }
        }
    }

    @Test("a caller who leaves after any piece pays for what came, and the backend stops")
    func cutByCaller() async throws {
        try await TestGateway.with(limits: Self.limits, backends: [paced(2_000)]) { server in
            var before: Int64 = 0
            for pieces in 0...60 {
                let seen = server.backends[0].statistics
                let received = try await LeavingClient.chat(
                    chat(#""stream":true,"mock":{"fail":"endless"}"#), to: server.port,
                    key: server.key, leavingAfter: pieces)
                try await server.settle()
                // The backend hears of it a moment later, and would never stop by itself.
                while server.backends[0].statistics.running > 0 { await Task.yield() }
                let now = server.backends[0].statistics
                let generated = Int64(now.completionTokens - seen.completionTokens)
                let tokens = try await server.used(Meter.aiTokens.id)
                #expect(tokens.held == 0)
                let booked = tokens.used - before
                before = tokens.used
                guard now.requests > seen.requests else {
                    #expect(booked == 0, "no backend was asked")
                    continue
                }
                #expect(booked <= generated + 20, "left after \(pieces)")
                #expect(booked >= Int64(received), "left after \(pieces)")
            }
        }
    }

    @Test("where answers are drained, who leaves pays the backend's own figure")
    func drains() async throws {
        let drains: TestGateway.Configure = { $0.onDisconnect = .drain }
        try await TestGateway.with(
            limits: Self.limits, backends: [paced(5_000)], configure: drains
        ) { server in
            _ = try await LeavingClient.chat(
                chat(#""stream":true,"max_tokens":50"#), to: server.port, key: server.key,
                leavingAfter: 5)
            try await server.settle()
            let statistics = server.backends[0].statistics
            #expect(statistics.completionTokens == 50)
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens == (Int64(statistics.promptTokens + 50), 0))
        }
    }

    /// A fault, whether of a stream, the status that the caller gets and what is booked.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let isStream: Bool
        let status: Int
        let code: String?
        let books: Bool

        var testDescription: String { "\(name)\(isStream ? " in a stream" : "")" }
    }

    static let faults = [
        Fault(name: "500", isStream: false, status: 502, code: "backend_error", books: false),
        Fault(name: "503", isStream: false, status: 503, code: "no_capacity", books: false),
        Fault(name: "429", isStream: true, status: 503, code: "no_capacity", books: false),
        Fault(name: "404", isStream: false, status: 404, code: nil, books: false),
        Fault(name: "reset", isStream: false, status: 502, code: "backend_error", books: false),
        Fault(name: "cut:3", isStream: false, status: 502, code: "backend_error", books: false),
        Fault(name: "garbage", isStream: false, status: 502, code: "backend_error", books: false),
        Fault(name: "stall", isStream: false, status: 504, code: "backend_timeout", books: false),
        Fault(name: "error:4", isStream: true, status: 200, code: nil, books: true),
        Fault(name: "wrong-usage", isStream: true, status: 200, code: nil, books: true),
        Fault(name: "wrong-usage", isStream: false, status: 200, code: nil, books: true),
        Fault(name: "stall", isStream: true, status: 504, code: "backend_timeout", books: false),
    ]

    @Test(
        "each fault of a backend is an error or a settled answer, and leaves nothing held",
        arguments: faults)
    func fault(_ fault: Fault) async throws {
        let impatient: TestGateway.Configure = {
            $0.retries = 0
            if fault.name == "stall" { $0.firstByteTimeoutMilliseconds = 100 }
        }
        try await TestGateway.with(limits: Self.limits, configure: impatient) { server in
            let answer = try await server.send(
                chat: chat(
                    #""stream":\#(fault.isStream),"max_tokens":30,"mock":{"fail":"\#(fault.name)"}"#
                ))
            #expect(answer.status == fault.status, "\(answer.text)")
            if answer.status != 200 {
                let error = try #require(try JSONValue(parsing: answer.text.utf8)["error"])
                #expect(error["message"]?.stringValue?.isEmpty == false)
                if let code = fault.code { #expect(error["code"]?.stringValue == code) }
            }
            try await server.settle()
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens.held == 0)
            #expect((tokens.used > 0) == fault.books)
        }
    }

    @Test("a stream that never ends is ended, told and booked")
    func endless() async throws {
        let short: TestGateway.Configure = { $0.totalTimeoutMilliseconds = 1_500 }
        try await TestGateway.with(
            limits: Self.limits, backends: [paced(1_000)], configure: short
        ) { server in
            // Once the tenant is known, nothing is waited for before the backend is asked.
            _ = try await server.send(chat: chat(#""max_tokens":1"#))
            let answer = try await server.send(
                chat: chat(#""stream":true,"mock":{"fail":"endless"}"#))
            #expect(answer.status == 200)
            #expect(answer.text.contains("backend_timeout"))
            try await server.settle()
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens.held == 0)
            #expect(tokens.used > 10)
        }
    }

    @Test("a stream of more than was asked for is ended, and nobody is sold the rest")
    func overrun() async throws {
        try await TestGateway.with(limits: Self.limits) { server in
            let answer = try await server.send(
                chat: chat(#""stream":true,"max_tokens":20,"mock":{"fail":"endless"}"#))
            #expect(answer.text.contains("more than was asked for"))
            try await server.settle()
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect((21...40).contains(tokens.used))
            #expect(tokens.held == 0)
        }
    }

    @Test(
        "another backend is tried while nothing was passed on, and the bill is right",
        arguments: ["500", "503", "reset"])
    func retries(fault: String) async throws {
        var bad = MockSettings()
        switch fault {
        case "reset": bad.faults.reset = 100
        default:
            bad.faults.fail = 100
            bad.failStatus = Int(fault) ?? 500
        }
        try await TestGateway.with(
            limits: Self.limits, backends: [bad, MockSettings()]
        ) { server in
            for _ in 0..<10 {
                let answer = try await server.send(chat: chat(#""max_tokens":9"#))
                #expect(answer.status == 200, "\(answer.text)")
            }
            try await server.settle()
            let good = server.backends[1].statistics
            #expect(good.completed == 10)
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens == (Int64(good.promptTokens + good.completionTokens), 0))
            let calls = try await server.used(Meter.apiCalls.id)
            #expect(calls == (10, 0))
        }
    }
}
