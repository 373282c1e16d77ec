import Foundation
import Synchronization
import Testing
import WeirClient

/// What a client gets from an application whose proxy asks Weir, the same for every proxy.
struct ProxyChecks: Sendable {
    /// The proxy that is checked.
    let kind: ProxyKind
    /// The status that clients get when the proxy cannot ask Weir.
    let statusWithoutWeir: Int

    private struct Key: Decodable, Sendable {
        var id: String
        var key: String
    }

    private struct Usage: Decodable {
        struct Limit: Decodable {
            var id: String
            var used: Int
        }

        var limits: [Limit]
    }

    /// A tenant whose id must be encoded in a header.
    private static let tenant = "Ωmega/1"
    private static let encodedTenant = "%CE%A9mega%2F1"

    /// Of 60 requests at once 25 pass, and the ledger says 25.
    func exactlyTheLimitPasses() async throws {
        try await TestServer.run { server in
            let key = try await newKey(server, limit: 25, window: "lifetime")
            let reached = try await ProxyServer.run(kind, weir: server.url) { proxy in
                let client = ProxyClient(proxy.url, connections: 60)
                let answers = Mutex<[ProxyClient.Answer]>([])
                try await Concurrently.each(60, limit: 60) { _ in
                    let answer = try await client.send(
                        headers: ["Authorization": "Bearer \(key.key)"])
                    answers.withLock { $0.append(answer) }
                }
                let all = answers.withLock { $0 }
                let passed = all.filter { $0.status == 200 }
                let refused = all.filter { $0.status == 429 }
                #expect((passed.count, refused.count) == (25, 35))
                #expect(passed.allSatisfy { $0.body == greeting(key) })

                // What is left is counted down, each number once, and said in refusals too.
                #expect(Set(passed.compactMap { $0["RateLimit"] }).count == 25)
                for answer in refused {
                    #expect(answer["RateLimit"] == #""key:api_calls/lifetime";r=0"#)
                    #expect(answer["RateLimit-Policy"] == #""key:api_calls/lifetime";q=25"#)
                    // Waiting does not help, so nobody is told to.
                    #expect(answer["Retry-After"] == nil)
                    #expect(answer["Content-Type"] == "application/problem+json")
                    #expect(answer.body.contains(#""status":429"#))
                }
            }
            #expect(reached == 25)
            #expect(try await used(server, key, of: "key:api_calls/lifetime") == 25)
        }
    }

    /// 401, 403 and 429 arrive as such, and the last says when to come again.
    func eachRefusalKeepsItsStatus() async throws {
        try await TestServer.run { server in
            let once = try await newKey(server, limit: 1, window: "day")
            let suspended = try await newKey(server, limit: 9, window: "day")
            try await server.withClient(connections: 1) { client in
                let body = try JSONBody.encode(["status": "suspended"])
                _ = try expect(
                    200, await client.send("PATCH", "/api/admin/keys/\(suspended.id)", json: body))
            }
            let reached = try await ProxyServer.run(kind, weir: server.url) { proxy in
                let client = ProxyClient(proxy.url, connections: 1)
                #expect(try await client.send(headers: ["X-API-Key": once.key]).status == 200)
                let refused = try await client.send(headers: ["X-API-Key": once.key])
                #expect(refused.status == 429)
                let seconds = try #require(refused["Retry-After"].flatMap { Int($0) })
                #expect((1...86_400).contains(seconds))

                let blocked = try await client.send(headers: ["X-API-Key": suspended.key])
                #expect(blocked.status == 403)
                for headers in [
                    [:], ["X-API-Key": "wk_live_wrong"], ["Authorization": "Bearer \(once.id)"],
                ] {
                    let unknown = try await client.send(headers: headers)
                    #expect(unknown.status == 401)
                    #expect(unknown["WWW-Authenticate"] == "Bearer")
                }
            }
            #expect(reached == 1)
        }
    }

    /// The client can neither say who it is nor what it costs, and Weir gets no body.
    func onlyWeirSaysWhoCalls() async throws {
        try await TestServer.run { server in
            let limited = try await newKey(server, limit: 9, window: "day")
            let unlimited = try await newKey(server, limit: nil, window: "day")
            let reached = try await ProxyServer.run(kind, weir: server.url) { proxy in
                let client = ProxyClient(proxy.url, connections: 1)
                for key in [limited, unlimited] {
                    let answer = try await client.send(
                        "/a/b?amount=5&tenant=other&deny_status=500&meter=nonsense",
                        headers: [
                            "X-API-Key": key.key, "X-Weir-Tenant": "other", "X-Weir-Key": "other",
                            "X-Weir-Status": "204", "RateLimit": "other",
                        ], body: Data(repeating: 65, count: 200_000))
                    #expect(answer.status == 200)
                    #expect(answer.body == greeting(key))
                    let isLimited = key.id == limited.id
                    #expect((answer["RateLimit"]?.contains("r=8") ?? false) == isLimited)
                    #expect((answer["RateLimit-Policy"] != nil) == isLimited)
                }
            }
            #expect(reached == 2)
            #expect(try await used(server, limited, of: "key:api_calls/day") == 1)
        }
    }

    /// Without Weir nothing passes; when it is back, everything does that may.
    func nothingPassesWithoutWeir() async throws {
        try await TestServer.run { server in
            let key = try await newKey(server, limit: 2, window: "lifetime")
            let reached = try await ProxyServer.run(kind, weir: server.url) { proxy in
                let client = ProxyClient(proxy.url, connections: 1)
                let headers = ["X-API-Key": key.key]
                #expect(try await client.send(headers: headers).status == 200)
                #expect(await server.stopGracefully() == 0)
                for _ in 0..<5 {
                    let answer = try await client.send(headers: headers)
                    #expect(answer.status == statusWithoutWeir)
                }
                try await server.crashAndRestart()
                #expect(try await client.send(headers: headers).status == 200)
                #expect(try await client.send(headers: headers).status == 429)
            }
            #expect(reached == 2)
            #expect(try await used(server, key, of: "key:api_calls/lifetime") == 2)
        }
    }

    private func greeting(_ key: Key) -> String {
        ProxyKind.greeting(tenant: Self.encodedTenant, key: key.id)
    }

    /// A key of the tenant, which is created for the first of them; nil is unlimited.
    private func newKey(_ server: TestServer, limit: Int?, window: String) async throws -> Key {
        struct Body: Encodable {
            struct Limit: Encodable {
                var meter = "api_calls"
                var window: String
                var limit: Int
            }

            var tenant = ProxyChecks.tenant
            var name = "proxy"
            var limits: [Limit]
        }
        let body = Body(limits: limit.map { [Body.Limit(window: window, limit: $0)] } ?? [])
        return try await server.withClient(connections: 1) { client in
            let tenant = try JSONBody.encode(["id": Self.tenant, "plan": "enterprise"])
            // 409 for the second key.
            _ = await client.send("POST", "/api/admin/tenants", json: tenant)
            return try expect(
                201, await client.send("POST", "/api/admin/keys", json: JSONBody.encode(body))
            )
            .decode()
        }
    }

    private func used(_ server: TestServer, _ key: Key, of limit: String) async throws -> Int? {
        try await server.withClient(connections: 1) { client in
            let path = "/api/v1/usage?tenant=\(Self.encodedTenant)&key=\(key.id)"
            let usage: Usage = try expect(200, await client.send("GET", path)).decode()
            return usage.limits.first { $0.id == limit }?.used
        }
    }

    private func expect(_ status: Int, _ reply: APIReply) throws -> APIAnswer {
        guard case .answer(let answer) = reply, answer.status == status else {
            throw ChildCommand.Failure(description: "\(status) was expected: \(reply)")
        }
        return answer
    }
}
