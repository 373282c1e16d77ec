import NIOCore
import StrictJSON
import Testing

@testable import MockBackend

@Suite("What bodies ask for")
struct RequestTests {
    @Test(
        "A prompt has a token for every four bytes of its text",
        arguments: [
            (#""messages":[{"role":"user","content":""}]"#, 1),
            (#""messages":[{"role":"user","content":"12345678"}]"#, 2),
            (#""messages":[{"role":"user","content":"123456789"}]"#, 3),
            (#""messages":[{"content":"1234"},{"content":"ü23"},{"role":"tool"}]"#, 2),
            (
                #""messages":[{"content":[{"type":"text","text":"12345678"},{"type":"x"}]}]"#, 2
            ),
        ])
    func chatPrompts(members: String, tokens: Int) throws {
        #expect(try request(#"{"model":"m",\#(members)}"#).promptTokens == tokens)
    }

    @Test(
        "Prompts may be texts, tokens, and arrays of either",
        arguments: [
            (#""12345""#, 2, 1), (#"["1234","12345"]"#, 3, 2), ("[1,2,3]", 3, 1),
            ("[[1,2],[3]]", 3, 2),
        ])
    func prompts(value: String, tokens: Int, texts: Int) throws {
        let completion = try request(#"{"model":"m","prompt":\#(value)}"#, .completion)
        #expect(completion.promptTokens == tokens)
        #expect(completion.choices == texts)
        let embedding = try request(#"{"model":"m","input":\#(value)}"#, .embedding)
        #expect(embedding.promptTokens == tokens)
        #expect(embedding.choices == texts)
    }

    @Test("Responses count their input and their instructions")
    func responses() throws {
        let input = """
            {"model":"m","instructions":"1234","max_output_tokens":9,"stream":true,
            "input":[{"role":"user","content":[{"type":"input_text","text":"12345"}]}]}
            """
        let read = try request(input, .response)
        #expect(read.promptTokens == 3)
        #expect(read.maximumTokens == 9)
        #expect(read.isStream)
    }

    @Test("Triton's caps stand beside the text, among the parameters or among the inputs")
    func triton() throws {
        for body in [
            #"{"text_input":"12345","max_tokens":7}"#,
            #"{"text_input":"12345","parameters":{"max_tokens":7}}"#,
        ] {
            let read = try request(body, .tritonGenerate, model: "m")
            #expect(read.maximumTokens == 7)
            #expect(read.promptTokens == 2)
            #expect(!read.isStream)
        }
        let infer = """
            {"id":"i1","inputs":[{"name":"text_input","shape":[1,1],"datatype":"BYTES",
            "data":["12345"]},{"name":"max_tokens","datatype":"INT32","data":[7]}]}
            """
        let read = try request(infer, .tritonInfer, model: "m")
        #expect(read.maximumTokens == 7)
        #expect(read.promptTokens == 2)
        #expect(read.inferenceID == "i1")
    }

    @Test(
        "What no server would take is refused with 400",
        arguments: [
            "", "{", "[]", "null", #"{"messages":[{"content":"a"}]}"#, #"{"model":"m"}"#,
            #"{"model":"m","messages":[]}"#, #"{"model":"m","messages":"a"}"#,
            #"{"model":"m","messages":[{}],"max_tokens":0}"#,
            #"{"model":"m","messages":[{}],"max_tokens":-1}"#,
            #"{"model":"m","messages":[{}],"max_tokens":1.5}"#,
            #"{"model":"m","messages":[{}],"max_tokens":99999999999999999999}"#,
            #"{"model":"m","messages":[{}],"n":129}"#,
            #"{"model":"m","messages":[{}],"n":9223372036854775807}"#,
            #"{"model":"m","messages":[{}],"mock":3}"#,
            #"{"model":"m","messages":[{}],"mock":{"fail":"fall"}}"#,
            #"{"model":"m","messages":[{}],"mock":{"fail":"cut:-1"}}"#,
            #"{"model":"m","messages":[{}],"mock":{"fail":"200"}}"#,
            #"{"model":"m","messages":[{}],"mock":{"tokens":0}}"#,
            #"{"model":"m","messages":[{}],"user":"mock:fail"}"#,
            #"{"model":"m","messages":[{}],"user":"mock:tokens=x"}"#,
        ])
    func refused(body: String) throws {
        let refusal = #expect(throws: MockRefusal.self) { try request(body) }
        #expect(refusal?.status == 400)
        let error = try JSONValue(parsing: try #require(refusal).body(isTriton: false))["error"]
        for name in ["message", "type", "param", "code"] { #expect(error?[name] != nil) }
    }

    @Test(
        "Directives stand in the body or in user",
        arguments: [
            #","mock":{"fail":"cut:3","tokens":100}"#, #","user":"mock:fail=cut:3,tokens=100""#,
        ])
    func directives(members: String) throws {
        let directive = try chat(members).directive
        #expect(directive.fault == .cut(after: 3))
        #expect(directive.tokens == 100)
    }

    @Test("Headers win over the body, and the body over user")
    func precedence() throws {
        var headers = MockDirective()
        try headers.add(fault: "stall", tokens: nil)
        let body = """
            {"model":"m","messages":[{}],"mock":{"fail":500,"tokens":5},"user":"mock:tokens=6"}
            """
        let read = try request(body, directive: headers)
        #expect(read.directive.fault == .stall)
        #expect(read.directive.tokens == 5)
        #expect(try request(body).directive.fault == .fail(status: 500))
        #expect(try chat(#","user":"somebody""#).directive == MockDirective())
    }

    @Test("Paths lead to routes, or to 404 and 405")
    func routes() throws {
        let infer = try MockRoute(method: "POST", target: "/v2/models/a/b/versions/1/infer?x")
        #expect(infer == .generate(.tritonInfer, model: "a/b"))
        #expect(try MockRoute(method: "GET", target: "/v1/models/a/b") == .model("a/b"))
        let all = try MockRoute(method: "GET", target: "/mock/statistics")
        #expect(all == .statistics(withRequests: true))
        for (method, target, status) in [
            ("GET", "/v1/chat/completions", 405), ("POST", "/v1/models", 405),
            ("GET", "", 404), ("GET", "?", 404), ("POST", "/v2/models/", 404),
            ("POST", "/v2/models/generate", 404), ("POST", "/v2/models/a/b", 404),
        ] {
            let refusal = #expect(throws: MockRefusal.self) {
                try MockRoute(method: method, target: target)
            }
            #expect(refusal?.status == status, "\(method) \(target)")
        }
    }
}
