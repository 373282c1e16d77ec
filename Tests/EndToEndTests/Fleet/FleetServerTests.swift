import Foundation
import RealServers
import StrictJSON
import Synchronization
import Testing
import WeirClient

/// Several servers that share limits.
@Suite(
    .enabled(
        if: PostgresServer.programs != nil,
        "PostgreSQL is not installed, so servers that share a ledger are not tested"))
struct FleetServerTests {
    private static let consume = Array(
        #"{"tenant":"race","charges":[{"meter":"api_calls","amount":1}]}"#.utf8)

    private func json(_ reply: APIReply) throws -> JSONValue {
        guard case .answer(let answer) = reply else {
            throw ChildCommand.Failure(description: "\(reply)")
        }
        return try JSONValue(parsing: answer.body)
    }

    private func status(_ reply: APIReply) -> Int {
        if case .answer(let answer) = reply { answer.status } else { 0 }
    }

    /// The figures of the race's tenant.
    private func use(
        _ client: APIClient
    ) async throws -> (used: Int64, held: Int64, suspect: Int64) {
        let usage = try json(await client.send("GET", "/api/v1/usage?tenant=race"))
        let limit = usage["limits"]?.arrayValue?
            .first { $0["id"]?.stringValue == "tenant:api_calls/month" }
        return (
            limit?["used"]?.integerValue ?? 0, limit?["held"]?.integerValue ?? 0,
            limit?["suspect"]?.integerValue ?? 0
        )
    }

    /// The same, once nothing of it is on its way any more.
    private func settledUse(
        _ client: APIClient
    ) async throws -> (used: Int64, held: Int64, suspect: Int64) {
        var figures = try await use(client)
        _ = try await Poll.until(within: .seconds(20)) {
            figures = try await use(client)
            return figures.held == 0
        }
        return figures
    }

    /// Case 1 of the nasty cases: many tasks race on three nodes that are killed at random.
    @Test func killedNodesNeitherOversellNorLose() async throws {
        try await FleetServers.run { fleet in
            let counts = StatusCounts()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in fleet.nodes {
                    group.addTask {
                        try await node.withClient(connections: 64) { client in
                            try await Concurrently.each(2_000, limit: 64) { _ in
                                let status = status(
                                    await client.send(
                                        "POST", "/api/v1/consume", json: Self.consume))
                                counts.add(status)
                            }
                        }
                    }
                }
                group.addTask {
                    for round in 0..<4 {
                        let before = counts[200]
                        // Some are admitted between two deaths.
                        _ = try await Poll.until(within: .seconds(2)) {
                            counts[200] > before + 40
                        }
                        try await fleet.nodes[round % 3].crashAndRestart()
                    }
                }
                try await group.waitForAll()
            }
            let admitted = Int64(counts[200])
            #expect(admitted <= 1_000)
            let one = fleet.nodes[0]
            let figures = try await one.withClient(connections: 1) { client in
                try await settledUse(client)
            }
            // What was admitted and not answered counts too: it was used.
            #expect(figures.used >= admitted)
            #expect(figures.used <= 1_000)
            #expect(figures.suspect == 0, "each node came back to its journal")
            let lost = counts[0]
            #expect(figures.used - admitted <= Int64(lost))
            // What is left is there for whoever asks, on whichever node.
            let rest = StatusCounts()
            let three = fleet.nodes[2]
            try await three.withClient(connections: 8) { client in
                for _ in 0..<(1_010 - figures.used) {
                    let reply = await client.send("POST", "/api/v1/consume", json: Self.consume)
                    rest.add(status(reply))
                }
            }
            #expect(Int64(rest[200]) + figures.used == 1_000)
        }
    }

    /// The row "out of reach" of the fault matrix: leases go on, and nothing is lost.
    @Test func nodesOutliveTheirDatabase() async throws {
        try await FleetServers.run { fleet in
            let counts = StatusCounts()
            func consume(_ client: APIClient, _ count: Int) async {
                for _ in 0..<count {
                    counts.add(
                        status(
                            await client.send("POST", "/api/v1/consume", json: Self.consume)))
                }
            }
            let (one, two) = (fleet.nodes[0], fleet.nodes[1])
            try await one.withClient(connections: 1) { first in
                try await two.withClient(connections: 1) { second in
                    // Each has a lease with units left.
                    await consume(first, 3)
                    await consume(second, 3)
                    await fleet.database.crash()
                    let before = counts[200]
                    await consume(first, 3)
                    await consume(second, 3)
                    #expect(counts[200] == before + 6, "leases are spent on")
                    // Another tenant has none, and is told to come again.
                    let other = Array(#"{"tenant":"other"}"#.utf8)
                    let refused = await first.send("POST", "/api/v1/consume", json: other)
                    #expect(status(refused) == 503)
                    try await fleet.database.restart()
                    let isBack = try await Poll.until(within: .seconds(20)) {
                        status(await first.send("POST", "/api/v1/consume", json: other))
                            == 200
                    }
                    #expect(isBack)
                    await consume(first, 5)
                    await consume(second, 5)
                    // What the other node has leased and not used shows as held.
                    let isBooked = try await Poll.until(within: .seconds(20)) {
                        let figures = try await use(second)
                        return figures.used - figures.held == Int64(counts[200])
                            && figures.suspect == 0
                    }
                    #expect(isBooked)
                }
            }
        }
    }

    @Test func changesAndRevocationsReachTheOtherNodes() async throws {
        try await FleetServers.run { fleet in
            let (one, two) = (fleet.nodes[0], fleet.nodes[1])
            try await one.withClient(connections: 2) { first in
                try await two.withClient(connections: 2) { second in
                    let tenant = Array(#"{"id":"race","reason":"test"}"#.utf8)
                    #expect(
                        status(await first.send("POST", "/api/admin/tenants", json: tenant))
                            == 201)
                    let key = try json(
                        await first.send(
                            "POST", "/api/admin/keys",
                            json: Array(
                                #"{"tenant":"race","name":"k","reason":"test"}"#.utf8)))
                    let (text, id) = (
                        key["key"]?.stringValue ?? "", key["id"]?.stringValue ?? ""
                    )
                    // Known on the second node from now on.
                    func pass() async throws -> Int {
                        try await APIClient.open(
                            url: fleet.nodes[1].url, credential: text, connections: 1,
                            timeout: .seconds(30)
                        ) { client in
                            status(
                                await client.send(
                                    "POST", "/api/v1/consume", json: Array("{}".utf8)))
                        }
                    }
                    #expect(try await pass() == 200)
                    let override = Array(#"{"limit":7,"reason":"test"}"#.utf8)
                    #expect(
                        status(
                            await first.send(
                                "PUT", "/api/admin/tenants/race/overrides/api_calls/month",
                                json: override)) < 300)
                    let isLowered = try await Poll.until(within: .seconds(1)) {
                        let usage = try json(
                            await second.send("GET", "/api/v1/usage?tenant=race"))
                        return usage["limits"]?.arrayValue?
                            .contains { $0["limit"]?.integerValue == 7 } ?? false
                    }
                    #expect(isLowered, "a changed limit is seen within a second")
                    let revoked = Array(#"{"status":"revoked","reason":"test"}"#.utf8)
                    #expect(
                        status(
                            await first.send(
                                "PATCH", "/api/admin/keys/\(id)", json: revoked))
                            == 200)
                    let isRefused = try await Poll.until(within: .seconds(1)) {
                        try await pass() == 401
                    }
                    #expect(isRefused, "a revoked key is refused within a second")
                }
            }
        }
    }
}

/// How often each status was answered; 0 stands for a lost answer.
private final class StatusCounts: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func add(_ status: Int) { counts.withLock { $0[status, default: 0] += 1 } }

    subscript(status: Int) -> Int { counts.withLock { $0[status] ?? 0 } }
}
