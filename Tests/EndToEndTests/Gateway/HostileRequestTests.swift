import StrictJSON
import Testing
import WeirClient

/// Requests that nobody should send, over real connections to a real server.
@Suite("hostile requests to the gateway", .timeLimit(.minutes(15)))
struct HostileRequestTests {
    /// A request, and the status it has to get; `shape` is false where the listener refuses what is
    /// no HTTP, before anybody has looked at the path.
    private struct Case {
        let name: String
        let request: RawRequest
        let statuses: Set<Int>
        var shape = true

        init(_ name: String, _ statuses: Set<Int>, _ request: RawRequest, shape: Bool = true) {
            (self.name, self.statuses, self.request, self.shape) = (name, statuses, request, shape)
        }
    }

    /// Sends each request on a connection of its own, and expects one error and an end.
    private func refuses(_ cases: [Case], at server: GatewayServer) async throws {
        for one in cases {
            let hearing = try await RawCall.exchange(one.request.bytes, url: server.url)
            let start = hearing.text.prefix(600)
            #expect(hearing.isClosed, "\(one.name): the connection stays open: \(start)")
            let answer = try #require(hearing.answers.first, "\(one.name): \(start)")
            #expect(hearing.answers.count == 1, "\(one.name): \(start)")
            #expect(one.statuses.contains(answer.status), "\(one.name): \(start)")
            #expect(answer["content-type"]?.contains("json") == true, "\(one.name): \(start)")
            if one.shape { #expect(answer.error != nil, "\(one.name): \(start)") }
            // Nobody's text comes back as a field or by the megabyte.
            #expect(answer["x-evil"] == nil, "\(one.name): \(start)")
            #expect(answer.body.count < 4_096, "\(one.name): \(start)")
        }
    }

    /// Nothing is held or booked, no backend was asked, and the server still answers.
    private func expectNothing(at server: GatewayServer, key: String) async throws {
        let used = try await server.used()
        #expect(used.values.allSatisfy { $0 == 0 }, "\(used)")
        #expect(try await server.books().requests == 0)
        let hearing = try await RawCall.exchange(RawRequest.chat(key).bytes, url: server.url)
        #expect(hearing.answers.first?.status == 200)
        let books = try await server.books()
        #expect(try await server.used()["ai_tokens/month"] == books.tokens)
    }

    @Test("bodies that are no request")
    func bodies() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let chat = RawRequest.chat(key)
            func body(_ text: String) -> RawRequest { chat.with { $0.body = Array(text.utf8) } }
            let deep = String(repeating: "[", count: 100_000)
            try await refuses(
                [
                    Case("text/plain", [415], chat.with { $0.contentType = "text/plain" }),
                    Case("no type", [415], chat.with { $0.contentType = nil }),
                    Case(
                        "two types", [415],
                        chat.with { $0.lines = ["Content-Type: application/json"] }),
                    Case("compressed", [415], chat.with { $0.lines = ["Content-Encoding: gzip"] }),
                    Case("empty", [400], body("")),
                    Case("half", [400], body(#"{"model":"small","messages":["#)),
                    Case("an array", [400], body("[]")),
                    Case("a number", [400], body("5")),
                    Case("zeros", [400], chat.with { $0.body = Array(repeating: 0, count: 99) }),
                    Case("something behind", [400], body(#"{"model":"small"} {}"#)),
                    Case("no UTF-8", [400], chat.with { $0.body[50] = 0xFF }),
                    Case("deep", [400], body(#"{"model":"small","messages":"# + deep)),
                    Case("model twice", [400], body(#"{"model":"small","model":"small"}"#)),
                    Case("a number with a zero", [400], body(#"{"model":"small","n":01}"#)),
                ], at: server)
            try await expectNothing(at: server, key: key)
        }
    }

    @Test("models that are not there")
    func models() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            func model(_ json: String) -> RawRequest {
                RawRequest.chat(key)
                    .with {
                        $0.body = Array(#"{"model":\#(json),"messages":[]}"#.utf8)
                    }
            }
            let missing = RawRequest.chat(key).with { $0.body = Array(#"{"messages":[]}"#.utf8) }
            var cases = [
                Case("none", [400], missing), Case("null", [400], model("null")),
                Case("a number", [400], model("5")), Case("an object", [400], model(#"{"a":1}"#)),
                Case("a list", [400], model(#"["small"]"#)),
            ]
            for name in [
                "", "large", "small ", "SMALL", "../../etc/passwd", #"a\r\nX-Evil: 1"#,
                #"a\u0000b"#, #"\ud83d\ude00"#, "ｓｍａｌｌ", String(repeating: "x", count: 300),
                String(repeating: "y", count: 1_000_000),
            ] {
                cases.append(Case("model \(name.prefix(20))", [400, 404], model("\"\(name)\"")))
            }
            try await refuses(cases, at: server)
            try await expectNothing(at: server, key: key)
        }
    }

    @Test(
        "numbers that can't be meant",
        arguments: [
            "n", "max_tokens", "max_completion_tokens",
        ])
    func numbers(member: String) async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let digits = String(repeating: "9", count: 400)
            let cases = [
                "0", "-1", "-0", "1.5", "1.0", "1e3", "1e400", "9007199254740992", digits,
                "-\(digits)", #""5""#, #""""#, "true", "[]", "{}", "131073",
            ]
            .map { number in
                let request = RawRequest.chat(key, #""\#(member)":\#(number)"#)
                return Case("\(member) \(number.prefix(20))", [400], request)
            }
            let product = RawRequest.chat(key, #""n":128,"max_tokens":100000"#)
            try await refuses(cases + [Case("n x max_tokens", [400], product)], at: server)
            try await expectNothing(at: server, key: key)
        }
    }

    @Test("heads that contradict themselves, or want to be two")
    func heads() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let chat = RawRequest.chat(key)
            func lines(_ lines: String...) -> RawRequest { chat.with { $0.lines = lines } }
            func length(_ text: String) -> RawRequest {
                chat.with { ($0.givesLength, $0.lines) = (false, ["Content-Length: \(text)"]) }
            }
            let size = chat.body.count
            try await refuses(
                [
                    Case("two keys", [400], lines("Authorization: Bearer \(key)")),
                    Case("two kinds of key", [400], lines("X-Api-Key: \(key)")),
                    Case("no key", [401], chat.with { $0.key = nil }),
                    Case("a wrong key", [401], chat.with { $0.key = "wk_live_nobody" }),
                    Case("a key with blanks", [401], chat.with { $0.key = "\(key) \(key)" }),
                    Case(
                        "length and chunks", [400], lines("Transfer-Encoding: chunked"),
                        shape: false),
                    Case("two lengths", [400], lines("Content-Length: 3"), shape: false),
                    Case(
                        "a length twice", [400], lines("Content-Length: \(size)"), shape: false),
                    Case("a negative length", [400], length("-3"), shape: false),
                    Case("a signed length", [400], length("+\(size)"), shape: false),
                    Case(
                        "a huge length", [400], length(String(repeating: "9", count: 30)),
                        shape: false),
                    Case(
                        "other encodings", [400],
                        chat.with {
                            ($0.givesLength, $0.lines) = (
                                false, ["Transfer-Encoding: gzip, chunked"]
                            )
                        }, shape: false),
                    Case("a line feed", [400], lines("X-A: b\nX-Evil: 1"), shape: false),
                    Case("a carriage return", [400], lines("X-A: b\rX-Evil: 1"), shape: false),
                    Case("a zero", [400], lines("X-Request-Id: a\0b"), shape: false),
                    Case("a control character", [400], lines("traceparent: \u{1}"), shape: false),
                ], at: server)
            try await expectNothing(at: server, key: key)
        }
    }

    @Test("a body at the cap is served, and one beyond it refused, whether or not it says so")
    func sizes() async throws {
        let cap = 10_485_760
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            func sized(_ bytes: Int) -> RawRequest {
                RawRequest.chat(key)
                    .with { request in
                        let space = bytes - request.body.count
                        request.body += Array(repeating: UInt8(ascii: " "), count: space)
                    }
            }
            let beyond = sized(cap + 1)
            let chunked = beyond.with { request in
                request.givesLength = false
                request.lines = ["Transfer-Encoding: chunked"]
                let size = String(request.body.count, radix: 16)
                request.body =
                    Array("\(size)\r\n".utf8) + request.body + Array("\r\n0\r\n\r\n".utf8)
            }
            try await refuses(
                [
                    Case("beyond, with its length", [413], beyond),
                    Case("beyond, in chunks", [413], chunked),
                ], at: server)
            #expect(try await server.books().requests == 0)
            let hearing = try await RawCall.exchange(sized(cap).bytes, url: server.url)
            #expect(hearing.answers.first?.status == 200, "\(hearing.text.prefix(600))")
            let books = try await server.books()
            #expect(try await server.used()["ai_tokens/month"] == books.tokens)
        }
    }

    @Test("methods and paths that the gateway does not have")
    func methods() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            var cases: [Case] = []
            for method in ["GET", "DELETE", "PUT", "OPTIONS"] {
                for path in [
                    "/v1/chat/completions", "/v1/embeddings", "/v1/unknown", "/v1/",
                    "/v1//chat/completions", "/v1/%63hat/completions", "/v2/models/small/generate",
                    "/v2/models/x/y",
                ] {
                    let request = RawRequest(method: method, path: path, key: key)
                    cases.append(Case("\(method) \(path)", [404, 405], request))
                }
            }
            cases.append(
                Case(
                    "an unknown model", [404],
                    RawRequest(
                        method: "GET", path: "/v1/models/large", key: key)))
            try await refuses(cases, at: server)
            for path in ["/v1/models", "/v1/chat/completions", "/v1/unknown"] {
                let request = RawRequest(method: "HEAD", path: path, key: key)
                let hearing = try await RawCall.exchange(request.bytes, url: server.url)
                #expect(hearing.isClosed, "HEAD \(path)")
                // The answer to HEAD is a head.
                #expect(hearing.text.hasSuffix("\r\n\r\n"), "HEAD \(path): \(hearing.text)")
            }
            try await expectNothing(at: server, key: key)
        }
    }
}
