import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON
import Synchronization
import Testing
import WeirHTTP

/// Where the stream of notifications begins.
@Suite("the stream of notifications")
struct NotificationStreamTests {
    private static let path = "/api/admin/notifications/stream"

    /// Uses up what a tenant has, of which two things are told.
    private static func exhaust(_ server: TestServer, _ tenant: String) async throws {
        let reply = try await server.admin.consume(1_000, "api_calls", tenant: tenant)
        #expect(reply.status == 200, "\(reply.text)")
        try await server.node.fold()
    }

    /// What a stream tells that was asked for when there were two notifications, and heard two more
    /// being written.
    private func ids(query: String = "", lastEventID: String? = nil) async throws -> [String] {
        let server = try await TestServer()
        try await Self.exhaust(server, "acme")
        let looks = Atomic<Int>(0)
        server.ledger.beforeNotifications { [readiness = server.readiness] in
            switch looks.add(1, ordering: .relaxed).newValue {
            case 1: try? await Self.exhaust(server, "beta")
            // What is told by now is still read; then the server stops.
            default: readiness.set(false)
            }
        }
        let reply = try await server.admin.send(
            "GET", Self.path + query, headers: lastEventID.map { ["Last-Event-ID": $0] } ?? [:])
        #expect(reply.status == 200)
        return reply.text.split(separator: "\n").filter { $0.hasPrefix("id: ") }
            .map { String($0.dropFirst(4)) }
    }

    @Test("it begins after the last one that is known, or with what is new")
    func begins() async throws {
        #expect(try await ids() == ["3", "4"])
        #expect(try await ids(query: "?after=0") == ["1", "2", "3", "4"])
        #expect(try await ids(query: "?after=1") == ["2", "3", "4"])
        #expect(try await ids(lastEventID: "1") == ["2", "3", "4"])
        #expect(try await ids(query: "?after=0", lastEventID: "2") == ["3", "4"])
    }

    @Test(
        "after a number that is not there yet, it begins with what is new",
        arguments: ["3", "99", "9223372036854775807"])
    func foreign(number: String) async throws {
        #expect(try await ids(lastEventID: number) == ["3", "4"])
        #expect(try await ids(query: "?after=0", lastEventID: number) == ["3", "4"])
        if number.utf8.count < 10 {
            #expect(try await ids(query: "?after=\(number)") == ["3", "4"])
        }
    }

    @Test(
        "an id that no event has is refused",
        arguments: ["abc", "-1", "+2", "02", "1.0", "9223372036854775808"])
    func noID(header: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.send(
            "GET", Self.path, headers: ["Last-Event-ID": header])
        #expect(reply.status == 422, "\(reply.text)")
        #expect(reply["header"] == "Last-Event-ID", "\(reply.text)")
    }
}
