import NIOCore
import QuotaTesting
import StrictJSON
import Testing

/// The items of a batch are read one by one; the answer is the one to the tree of the whole.
@Suite("batches read without a tree")
struct BatchBodyTests {
    /// A name that only the tree understands.
    private static let treeOnly = #""\u006fperation""#

    @Test("both ways give the same bytes", arguments: ["consume", "check", "reserve"])
    func sameBytes(operation: String) async throws {
        var random = SeededRandom(seed: 41)
        var items = (0..<60).map { _ in BodyGenerator.body(reserves: true, using: &random) }
        items += [
            "5", "null", "[]", #"{"tenant":"acme","idempotency_key":"k"}"#, #"{"x":1}"#,
            #"{"tenant":"acme","idempotency_key":"k"}"#, #"{"tenant":"acme","metadata":{"a":[1]}}"#,
            #"{"tenant":""}"#, #"{"tenant":"acme","charges":[{"meter":"gpu","amount":1}]}"#,
        ]
        let list = "[" + items.joined(separator: " ,\n") + "]"
        let bodies = [
            #"{"operation":"\#(operation)","items":\#(list)}"#,
            #"{"items":\#(list),"operation":"\#(operation)"}"#,
            #"{\#(Self.treeOnly):"\#(operation)","items":\#(list)}"#,
        ]
        var answers: [String] = []
        for body in bodies {
            let reply = try await TestServer().admin.post("/api/v1/batch", text: body)
            #expect(reply.status == 200)
            #expect(reply.results.count == items.count)
            answers.append(reply.text)
        }
        #expect(answers[0] == answers[2])
        #expect(answers[1] == answers[2])
    }

    @Test(
        "what is wrong with a batch is told as before",
        arguments: [
            (#"{"operation":"consume","items":[]}"#, 422, "/items"),
            (#"{"items":[{}]}"#, 422, "/operation"),
            (#"{"operation":"consume"}"#, 422, "/items"),
            (#"{"operation":"spend","items":[{}]}"#, 422, "/operation"),
            (#"{"operation":"consume","items":[{}],"x":1}"#, 422, "/x"),
            (#"{"operation":"consume","items":[{}],"items":[{}]}"#, 400, "/items"),
            (#"{"operation":"consume","operation":"consume","items":[{}]}"#, 400, "/operation"),
            (
                #"{"operation":"consume","items":[{},{"tenant":"a","tenant":"b"}]}"#, 400,
                "/items/1/tenant"
            ),
            (#"{"operation":"consume","items":[{"tenant":"a"}"#, 400, nil),
            (#"{"operation":"consume","items":[{"tenant":"a"},]}"#, 400, nil),
            (#"{"operation":"consume","items":[{"tenant":"a"}]} x"#, 400, nil),
        ] as [(String, Int, String?)])
    func wrong(body: String, status: Int, pointer: String?) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.post("/api/v1/batch", text: body)
        #expect(reply.status == status)
        #expect(reply["pointer"]?.stringValue == pointer)
        expectProblem(try await server.admin.usage("a"), 404)
    }
}
