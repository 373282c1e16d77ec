import StrictJSON
import Testing

@Suite("the form of idempotency keys")
struct IdempotencyKeyFormTests {
    @Test("a key may have 255 characters", arguments: [true, false])
    func longest(isHeader: Bool) async throws {
        let server = try await TestServer()
        let key = String(repeating: "k", count: 255)
        for expected in [nil, "true"] {
            let reply = try await send(key, isHeader: isHeader, to: server)
            #expect(reply.status == 200)
            #expect(reply.header("Idempotency-Replayed") == expected)
        }
    }

    @Test("256 characters are too many", arguments: [true, false])
    func tooLong(isHeader: Bool) async throws {
        let server = try await TestServer()
        let reply = try await send(
            String(repeating: "k", count: 256), isHeader: isHeader, to: server)
        expectProblem(reply, 422, pointer: isHeader ? nil : "/idempotency_key")
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test(
        "a header that is no Structured-Field string is refused",
        arguments: [#""""#, #""open"#, #""a" b"#, #"a"b"#, #""a\x""#])
    func malformed(field: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(
            ["tenant": "acme"], headers: ["Idempotency-Key": field])
        expectProblem(reply, 422, "\(field)")
    }

    @Test("escapes of a quoted key are undone")
    func escapes() async throws {
        let server = try await TestServer()
        let first = try await server.admin.consume(
            ["tenant": "acme"], headers: ["Idempotency-Key": #""a\"b\\c""#])
        let second = try await server.admin.consume([
            "tenant": "acme", "idempotency_key": #"a"b\c"#,
        ])
        #expect(first.status == 200)
        #expect(second.header("Idempotency-Replayed") == "true")
    }

    @Test("an empty key and one that is no string are refused", arguments: ["", nil] as [String?])
    func notAKey(text: String?) async throws {
        let server = try await TestServer()
        let key: JSONValue = text.map { .string($0) } ?? 17
        let reply = try await server.admin.consume(["tenant": "acme", "idempotency_key": key])
        expectProblem(reply, 422, pointer: "/idempotency_key")
    }

    private func send(
        _ key: String,
        isHeader: Bool,
        to server: TestServer
    ) async throws -> Reply {
        if isHeader {
            return try await server.admin.consume(
                ["tenant": "acme"], headers: ["Idempotency-Key": "\"\(key)\""])
        }
        return try await server.admin.consume([
            "tenant": "acme", "idempotency_key": .string(key),
        ])
    }
}
