import Foundation
import Synchronization
import Testing
import WeirClient

/// Many clients at once for the last units.
struct RaceTests {
    private struct Usage: Decodable, Equatable, Sendable {
        struct Limit: Decodable, Equatable, Sendable {
            var id: String
            var limit: Int?
            var used: Int
            var held: Int
            var suspect: Int
            var remaining: Int?
        }

        var limits: [Limit]
    }

    private static let tenant = Array(
        #"{"id":"race","name":"Race","plan":"free","reason":"test"}"#.utf8)
    private static let consume = Array(
        #"{"tenant":"race","charges":[{"meter":"api_calls","amount":1}]}"#.utf8)

    @Test func exactlyAThousandOfTwoThousandPass() async throws {
        try await TestServer.run { server in
            let usage = try await server.withClient(connections: 64) { client in
                let created = await client.send("POST", "/api/admin/tenants", json: Self.tenant)
                try expect(201, created)

                let race = try await consume(2_000, client)
                #expect(race == [200: 1_000, 429: 1_000])
                let usage = try await readUsage(client)
                #expect(
                    usage.limits.first { $0.id == "tenant:api_calls/month" }
                        == .init(
                            id: "tenant:api_calls/month", limit: 1_000, used: 1_000, held: 0,
                            suspect: 0, remaining: 0))

                // A thousand more are refused and change nothing.
                let refused = try await consume(1_000, client)
                #expect(refused == [429: 1_000])
                let usageAfterwards = try await readUsage(client)
                #expect(usageAfterwards == usage)
                return usage
            }

            // Nor does a crash. A new client, for the old one's connections are dead.
            try await server.crashAndRestart()
            try await server.withClient(connections: 64) { client in
                let usageAfterwards = try await readUsage(client)
                #expect(usageAfterwards == usage)
                let refused = try await consume(64, client)
                #expect(refused == [429: 64])
            }
        }
    }

    /// How often each status was answered to so many requests, 64 at a time.
    private func consume(_ count: Int, _ client: APIClient) async throws -> [Int: Int] {
        let statuses = Mutex<[Int: Int]>([:])
        try await Concurrently.each(count, limit: 64) { _ in
            // Status 0 stands for a lost answer: none may be lost here.
            var status = 0
            if case .answer(let answer) = await client.send(
                "POST", "/api/v1/consume", json: Self.consume)
            {
                status = answer.status
            }
            statuses.withLock { $0[status, default: 0] += 1 }
        }
        return statuses.withLock { $0 }
    }

    private func readUsage(_ client: APIClient) async throws -> Usage {
        try expect(200, await client.send("GET", "/api/v1/usage?tenant=race")).decode()
    }

    @discardableResult
    private func expect(_ status: Int, _ reply: APIReply) throws -> APIAnswer {
        guard case .answer(let answer) = reply else {
            throw ChildCommand.Failure(description: "\(reply)")
        }
        #expect(answer.status == status, "\(answer.detail)")
        return answer
    }
}
