import QuotaLedger
import StrictJSON
import Testing

@Suite("idempotent requests at the same time")
struct InFlightTests {
    private static let body: JSONValue = ["tenant": "acme", "idempotency_key": "k"]

    /// A server of one known tenant whose first lease waits at the gate.
    private func gatedServer() async throws -> (TestServer, Gate) {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let gate = Gate()
        hold(server, at: gate)
        return (server, gate)
    }

    private func hold(_ server: TestServer, at gate: Gate) {
        server.ledger.beforeCommit { (commands) throws(LedgerError) in
            guard case .draw = commands.first else { return }
            // Whoever comes next is not held back.
            server.ledger.beforeCommit(nil)
            await gate.pass()
        }
    }

    @Test("of two in flight one is answered, the other is told to come back")
    func twoInFlight() async throws {
        let (server, gate) = try await gatedServer()
        async let first = server.admin.consume(Self.body)
        await gate.arrival()
        let second = try await server.admin.consume(Self.body)
        expectProblem(second, 409)
        gate.open()
        #expect(try await first.status == 200)
        let third = try await server.admin.consume(Self.body)
        #expect(third.header("Idempotency-Replayed") == "true")
        #expect(third.text == (try await first).text)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 1)
    }

    @Test("however many come at once, one is charged, and nobody gets another answer")
    func many() async throws {
        let server = try await TestServer()
        let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
            for _ in 0..<64 { group.addTask { try await server.admin.consume(Self.body) } }
            return try await group.reduce(into: [Reply]()) { $0.append($1) }
        }
        #expect(Set(replies.map(\.status)).isSubset(of: [200, 409]))
        #expect(Set(replies.filter { $0.status == 200 }.map(\.text)).count == 1)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 1)
    }

    @Test("two tenants in flight under one key do not meet")
    func twoTenants() async throws {
        let (server, gate) = try await gatedServer()
        async let first = server.admin.consume(Self.body)
        await gate.arrival()
        let second = try await server.admin.consume(["tenant": "globex", "idempotency_key": "k"])
        #expect(second.status == 200)
        gate.open()
        #expect(try await first.status == 200)
    }

    @Test("two repeats of a finished request both get its answer")
    func twoRepeats() async throws {
        let server = try await TestServer()
        let first = try await server.admin.consume(Self.body)
        _ = try await server.admin.usage()
        let gate = Gate()
        server.ledger.beforeAnswer {
            server.ledger.beforeAnswer(nil)
            await gate.pass()
        }
        async let second = server.admin.consume(Self.body)
        await gate.arrival()
        let third = try await server.admin.consume(Self.body)
        gate.open()
        #expect(try await second.text == first.text)
        #expect(third.status == 200)
        #expect(third.text == first.text)
    }

    @Test("a request that failed frees its key")
    func failed() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        server.ledger.beforeCommit { (_) throws(LedgerError) in
            throw LedgerError(.diskFull, "the disk is full")
        }
        let failed = try await server.admin.consume(Self.body)
        expectProblem(failed, 503)
        #expect(
            failed["type"]
                == "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity")
        #expect(failed.header("Retry-After") != nil)
        server.ledger.beforeCommit(nil)
        let passed = try await server.admin.consume(Self.body)
        #expect(passed.status == 200)
        #expect(passed.header("Idempotency-Replayed") == nil)
    }
}
