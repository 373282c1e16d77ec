@testable import RESPWire
import Testing

@Suite struct ReplyRuleTests {
    private static let here = RESPEndpoint(host: "here", port: 1)

    private func rule(
        _ line: String, hasScript: Bool = false, redirections: Int = 0, isCluster: Bool = true
    ) -> ReplyRule {
        ReplyRule(
            RESPErrorReply(line: line), from: Self.here, hasScript: hasScript,
            redirections: redirections, isCluster: isCluster)
    }

    @Test("redirections name a node")
    func redirections() throws {
        let slot = try #require(RESPSlot(rawValue: 3_999))
        let node = RESPEndpoint(host: "10.0.0.1", port: 6_381)
        #expect(rule("MOVED 3999 10.0.0.1:6381") == .move(slot, to: node))
        #expect(rule("ASK 3999 10.0.0.1:6381") == .ask(node))
        #expect(rule("MOVED 3999 :7") == .move(slot, to: RESPEndpoint(host: "here", port: 7)))
        #expect(rule("MOVED 3999 ::1:7") == .move(slot, to: RESPEndpoint(host: "::1", port: 7)))
        #expect(rule("MOVED 3999 10.0.0.1:6381", isCluster: false) == .deliver)
    }

    @Test("there is an end to redirections, and nonsense is none")
    func ends() {
        #expect(rule("MOVED 1 h:1", redirections: 4) != .deliver)
        #expect(rule("MOVED 1 h:1", redirections: 5) == .deliver)
        #expect(rule("ASK 1 h:1", redirections: 5) == .deliver)
        for line in ["MOVED", "MOVED 1", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h:0"] {
            #expect(rule(line) == .deliver, "\(line)")
        }
    }

    @Test("a script is sent with its text, if that is known")
    func scripts() {
        #expect(rule("NOSCRIPT No matching script.", hasScript: true) == .sendText)
        #expect(rule("NOSCRIPT No matching script.") == .deliver)
        #expect(rule("NOSCRIPT x", hasScript: true, isCluster: false) == .sendText)
    }

    @Test("what passes is tried again in a cluster; all else is told")
    func others() {
        #expect(rule("TRYAGAIN x") == .tryLater)
        #expect(rule("CLUSTERDOWN x") == .tryLater)
        #expect(rule("TRYAGAIN x", isCluster: false) == .deliver)
        for line in ["ERR x", "LOADING x", "READONLY x", "BUSY x", "OOM x", "CROSSSLOT x"] {
            #expect(rule(line, hasScript: true) == .deliver)
        }
    }

    @Test("errors say whether the command may have been executed")
    func effects() {
        func error(_ line: String) -> RESPError { .refused(.init(line: line), by: Self.here) }
        for code in ["MOVED", "ASK", "NOSCRIPT", "LOADING", "TRYAGAIN", "CLUSTERDOWN", "NOAUTH"] {
            #expect(error("\(code) x").isSurelyNotExecuted)
        }
        #expect(!error("ERR x").isSurelyNotExecuted)
        #expect(!error("WRONGTYPE x").isSurelyNotExecuted)
        #expect(!RESPError.late(Self.here).isSurelyNotExecuted)
        #expect(RESPError.unavailable(why: "x").isSurelyNotExecuted)
        #expect(RESPError.overloaded(most: 1).isSurelyNotExecuted)
    }
}
