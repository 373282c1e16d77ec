import NIOHTTP1
import QuotaModel
import QuotaNode
import StrictJSON
import Testing

@testable import Gateway

/// Callers who leave while their answer is still to come, where answers are read to their end.
@Suite("answers that are drained", .timeLimit(.minutes(10)))
struct DrainTests {
    private func chat(_ more: String = "") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"Say something about weirs."}]"#
            + "\(more)}"
    }

    private static let drains: TestGateway.Configure = {
        $0.onDisconnect = .drain
        $0.drainMilliseconds = 600_000
        $0.retries = 0
    }

    /// What a backend has said by the time the caller leaves.
    enum Said: String, CaseIterable, Sendable {
        case nothing, head, piece
    }

    @Test("who leaves before a stream is over pays what the backend says", arguments: Said.allCases)
    func stream(said: Said) async throws {
        let backend = try await ScriptedBackend()
        try await TestGateway.with(scripted: [backend], configure: Self.drains) { server in
            let caller = try await RawCaller(to: server)
            try await caller.ask(chat(#","stream":true"#), key: server.key)
            try await backend.hasHeard(1)
            let events = [ScriptedBackend.piece("A")] + ScriptedBackend.ending(11, 23)
            var parts = [ScriptedBackend.streamHead] + events.map { ScriptedBackend.event($0) }
            if said != .nothing {
                try await backend.say(parts.removeFirst())
                try await caller.hasHeard("200 OK")
            }
            if said == .piece {
                try await backend.say(parts.removeFirst())
                try await caller.hasHeard(#""content":"A""#)
            }
            try await caller.leave()
            try await server.callersHaveLeft()
            for part in parts { try await backend.say(part) }
            try await backend.say(ScriptedBackend.done + ScriptedBackend.streamEnd)
            let note = try await server.note()
            #expect(note["outcome"]?.stringValue == "cancelled")
            #expect(note["input_tokens"]?.integerValue == 11)
            #expect(note["output_tokens"]?.integerValue == 23)
            #expect(note["estimated"]?.boolValue == false)
            #expect(try await server.used(Meter.aiTokens.id) == (34, 0))
            #expect(try await server.used(Meter.apiCalls.id) == (1, 0))
        }
    }

    @Test(
        "who leaves before a whole answer is there pays what the backend says",
        arguments: [false, true])
    func whole(hasBegun: Bool) async throws {
        let backend = try await ScriptedBackend()
        let usage = #","usage":\#(ScriptedBackend.usage(11, 23))"#
        let answer = ScriptedBackend.whole(
            ScriptedBackend.chat(String(repeating: "A low dam. ", count: 8), usage))
        try await TestGateway.with(scripted: [backend], configure: Self.drains) { server in
            let caller = try await RawCaller(to: server)
            try await caller.ask(chat(), key: server.key)
            try await backend.hasHeard(1)
            let begun = hasBegun ? answer.count / 2 : 0
            if hasBegun { try await backend.say(String(answer.prefix(begun))) }
            try await caller.leave()
            try await server.callersHaveLeft()
            try await backend.say(String(answer.dropFirst(begun)))
            let note = try await server.note()
            #expect(note["outcome"]?.stringValue == "cancelled")
            #expect(note["input_tokens"]?.integerValue == 11)
            #expect(note["output_tokens"]?.integerValue == 23)
            #expect(note["estimated"]?.boolValue == false)
            #expect(try await server.used(Meter.aiTokens.id) == (34, 0))
        }
    }

    @Test("of a refusal that nobody waits for any more nothing is booked", arguments: [400, 503])
    func refused(status: Int) async throws {
        let backend = try await ScriptedBackend()
        try await TestGateway.with(scripted: [backend], configure: Self.drains) { server in
            let caller = try await RawCaller(to: server)
            try await caller.ask(chat(), key: server.key)
            try await backend.hasHeard(1)
            try await caller.leave()
            try await server.callersHaveLeft()
            try await backend.say(ScriptedBackend.whole("{}", status: "\(status) No"))
            try await server.settle()
            #expect(try await server.used(Meter.aiTokens.id) == (0, 0))
            #expect(try await server.used(Meter.apiCalls.id) == (0, 0))
        }
    }

    @Test(
        "the end of the server ends what is drained at once, and books it", arguments: Said.allCases
    )
    func serverEnds(said: Said) async throws {
        let backend = try await ScriptedBackend()
        // Whoever waits for the backend waits for longer than the test may take.
        try await TestGateway.with(scripted: [backend], configure: Self.drains) { server in
            let caller = try await RawCaller(to: server)
            try await caller.ask(chat(#","stream":true"#), key: server.key)
            try await backend.hasHeard(1)
            if said != .nothing {
                try await backend.say(ScriptedBackend.streamHead)
                try await caller.hasHeard("200 OK")
            }
            if said == .piece {
                try await backend.say(ScriptedBackend.event(ScriptedBackend.piece("A")))
                try await caller.hasHeard(#""content":"A""#)
            }
            try await caller.leave()
            try await server.callersHaveLeft()
            await server.gateway.end()
            try await server.node.fold()
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens.held == 0)
            let notes = try await server.notes()
            #expect(notes.count == 1)
            let note = try #require(notes.first)
            #expect(note["outcome"]?.stringValue == "cancelled")
            #expect(note["estimated"]?.boolValue == true)
            #expect(note["output_tokens"]?.integerValue == (said == .piece ? 1 : 0))
            #expect(note["input_tokens"] == note["estimated_input_tokens"])
            #expect(tokens.used > 0)
            #expect(try await server.used(Meter.apiCalls.id) == (1, 0))
        }
    }
}
