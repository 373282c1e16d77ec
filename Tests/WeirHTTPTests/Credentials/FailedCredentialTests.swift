import HTTPTypes
import HummingbirdTesting
import NIOCore
import QuotaTesting
import StrictJSON
import Testing

/// Over sockets: what is counted is counted by address.
@Suite("failed credentials of one address")
struct FailedCredentialTests {
    private func send(
        _ credential: String,
        to client: any TestClientProtocol,
        headers: [String: String] = [:]
    ) async throws -> Reply {
        var fields = HTTPFields()
        fields[.authorization] = "Bearer \(credential)"
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        return try await client.execute(
            uri: "/api/v1/consume", method: .post, headers: fields,
            body: ByteBuffer(string: #"{"tenant":"acme"}"#)
        ) { response in
            Reply(response)
        }
    }

    @Test("after 100 in a minute bad ones are told to wait, and good ones still pass")
    func limited() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        try await server.application.test(.live) { client in
            for index in 0..<100 {
                // A success in between forgives nothing.
                #expect(try await send(key.text, to: client).status == 200)
                expectProblem(try await send("wrong-\(index)", to: client), 401)
                server.clock.advance(by: .milliseconds(500))
            }
            let limited = try await send("wrong-again", to: client)
            expectProblem(limited, 429)
            let seconds = try #require(limited.header("Retry-After").flatMap { Int64($0) })
            #expect((1...60).contains(seconds))
            #expect(try await send(key.text, to: client).status == 200)
            #expect(try await send(TestServer.adminToken, to: client).status == 200)
            let forged = try await send(
                "wrong-again", to: client, headers: ["X-Forwarded-For": "203.0.113.9"])
            #expect(forged.status == 429)
            server.clock.advance(by: .seconds(61))
            expectProblem(try await send("wrong-later", to: client), 401)
        }
    }
}
