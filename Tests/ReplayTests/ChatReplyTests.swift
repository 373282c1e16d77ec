import Testing
import WeirClient

@testable import WeirCommand

@Suite("answers to a replay's chats")
struct ChatReplyTests {
    private func reply(_ status: Int, _ body: String) -> ChatReply {
        ChatReply(.answer(APIAnswer(status: status, body: Array(body.utf8))))
    }

    @Test("the tokens are those that the backend says")
    func answered() {
        let body = #"{"choices":[],"usage":{"prompt_tokens":7,"total_tokens":12}}"#
        #expect(reply(200, body) == .answered(tokens: 12))
    }

    @Test("an answer that does not say what it used is no answer to compare")
    func withoutUsage() {
        #expect(reply(200, #"{"choices":[]}"#) == .unknown("an answer without usage that can be"))
        let huge = #"{"usage":{"total_tokens":9223372036854775807}}"#
        #expect(reply(200, huge) == .unknown("an answer without usage that can be"))
        #expect(reply(200, "data: x") == .unknown("an answer without usage that can be"))
    }

    @Test("a refusal names its limit, a missing backend its code")
    func refused() {
        let limit = #"{"error":{"message":"m","code":"insufficient_quota","limit_id":"l"}}"#
        #expect(reply(429, limit) == .refused(limit: "l", reason: "insufficient_quota"))
        let backend = #"{"error":{"message":"m","type":"server_error","code":"no_capacity"}}"#
        #expect(reply(503, backend) == .refused(limit: "no limit", reason: "no_capacity"))
        let bare = #"{"error":{"message":"m","code":null}}"#
        #expect(reply(502, bare) == .refused(limit: "no limit", reason: "status 502"))
    }

    @Test("a wrong request is told from an answer that nobody can read")
    func wrong() {
        let error = #"{"error":{"message":"no such model","code":"model_not_found"}}"#
        #expect(reply(404, error) == .rejected("status 404: no such model"))
        guard case .unknown = reply(404, "<html>"), case .unknown = ChatReply(.lost("reset"))
        else {
            Issue.record("what can't be read has no known outcome")
            return
        }
    }

    @Test("a row becomes a prompt of as many tokens, and at least one of each")
    func body() throws {
        let time = try Trace(
            csv: Array("\(Trace.header)\n2023-11-16 18:15:46.0,0,0\n".utf8), name: "t"
        )
        .rows[0].timestamp
        let usual = ChatBody(
            TraceRow(timestamp: time, promptTokens: 374, generatedTokens: 44), model: "small")
        #expect(usual.messages[0].content.utf8.count == 374 * 4)
        #expect(usual.maximumTokens == 44)
        let empty = ChatBody(
            TraceRow(timestamp: time, promptTokens: 0, generatedTokens: 0), model: "small")
        #expect(empty.messages[0].content.utf8.count == 4)
        #expect(empty.maximumTokens == 1)
        let huge = ChatBody(
            TraceRow(
                timestamp: time, promptTokens: TraceRow.maximumTokens, generatedTokens: 1),
            model: "small")
        #expect(
            huge.messages[0].content.utf8.count == Int(ChatBody.maximumPromptTokens) * 4)
    }

    @Test("the table says who was refused by what, and what was paid")
    func table() throws {
        let trace = try Trace(
            csv: Array(
                "\(Trace.header)\n2023-11-16 18:15:46.0,10,5\n2023-11-16 18:15:47.0,10,5\n".utf8),
            name: "t")
        let run = ReplayRun(name: "x", trace: trace, tenants: 1, seed: 1, estimate: 0)
        var tally = ReplayTally(tenants: run.tenants)
        tally.record(0, of: run, .answered(tokens: 15), took: .milliseconds(3))
        tally.record(
            1, of: run, .refused(limit: "tenant:ai_tokens/month", reason: "insufficient_quota"),
            took: .zero)
        let table = ChatTable(
            run: run, plans: ["free"], tally: tally, costs: ["replay-x-0001": 1_500])
        let lines = table.text.split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        #expect(
            lines[2] == [
                "replay-x-0001", "free", "2", "1", "15", "0.000002", "1", "by",
                "tenant:ai_tokens/month", "(insufficient_quota)",
            ])
        #expect(lines[3] == ["all", "1", "2", "1", "15", "0.000002", "1"])
    }
}
