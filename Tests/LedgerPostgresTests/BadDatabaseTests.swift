import Foundation
import LedgerPostgres
import QuotaLedger
import RealServers
import Testing

@Suite("A database that is not as it should be", .needsPostgres)
struct BadDatabaseTests {
    /// What opening a ledger fails with.
    private func failure(_ url: String) async throws -> LedgerError? {
        var options = try PostgresOptions(url: url)
        options.connectTimeout = .seconds(5)
        let opened = options
        return await #expect(throws: LedgerError.self) {
            try await LedgerPostgres(opened, id: "bad")
        }
    }

    private func schema(_ server: PostgresServer) async throws -> (name: String, url: String) {
        let name = "b" + UUID().uuidString.filter(\.isHexDigit).lowercased()
        _ = try await server.psql("CREATE SCHEMA \(name)")
        return (name, server.url(options: "options=-csearch_path%3D\(name)"))
    }

    @Test("of a newer version is refused, and says so")
    func newerSchema() async throws {
        let server = try await SharedPostgres.started()
        let (name, url) = try await schema(server)
        let ledger = try await LedgerPostgres(try PostgresOptions(url: url), id: "first")
        await ledger.close()
        _ = try await server.psql(
            "INSERT INTO \(name).weir_migrations (number, name) VALUES (99, 'later')")
        let error = try await failure(url)
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("version 99") == true)
    }

    @Test("that has tables of others under our names is refused, and left as it is")
    func foreignTables() async throws {
        let server = try await SharedPostgres.started()
        let (name, url) = try await schema(server)
        _ = try await server.psql("CREATE TABLE \(name).tenants (x int)")
        let error = try await failure(url)
        #expect(error?.message.contains("\"tenants\" already exists") == true)
        let tables = try await server.psql(
            "SELECT count(*) FROM pg_tables WHERE schemaname = '\(name)'")
        #expect(tables.contains("1"), "nothing of ours is left: \(tables)")
    }

    @Test("that does not take our password, or is not who its certificate says, is refused")
    func access() async throws {
        let server = try await PostgresServer(
            settings: ["ssl=on"],
            accessRules: [
                "local all all trust", "hostssl all outsider all scram-sha-256",
                "host all weir all trust",
            ], certificateFor: "db.example")
        _ = try await server.psql("CREATE ROLE outsider LOGIN PASSWORD 'right'")
        func address(_ password: String, _ options: String) -> String {
            "postgres://outsider:\(password)@127.0.0.1:\(server.port)/postgres?\(options)"
        }
        let wrong = try await failure(address("s3cret", "sslmode=require"))
        #expect(wrong?.code == .unreachable)
        #expect(wrong?.message.contains("password authentication failed") == true)
        #expect(wrong?.message.contains("s3cret") == false)
        let certificate = server.certificatePath ?? ""
        let name = try await failure(
            address("right", "sslmode=verify-full&sslrootcert=\(certificate)"))
        #expect(
            name?.message.contains("does not match host name") == true, "\(name?.message ?? "")")
        // A role that may not create anything is told so.
        let denied = try await failure(address("right", "sslmode=require"))
        #expect(denied?.message.contains("permission denied") == true, "\(denied?.message ?? "")")
        await server.remove()
    }

    @Test("that is a replica is refused, with the way to the primary")
    func replica() async throws {
        let primary = try await PostgresServer()
        let ledger = try await LedgerPostgres(try PostgresOptions(url: primary.url()), id: "first")
        let replica = try await PostgresServer(replicaOf: primary)
        let error = try await failure(replica.url())
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("read-only replica") == true)
        #expect(error?.message.contains("target_session_attrs=read-write") == true)
        // With both hosts in the address, the primary is found.
        let both =
            "postgres://weir@127.0.0.1:\(replica.port),127.0.0.1:\(primary.port)/postgres"
            + "?target_session_attrs=read-write"
        let found = try await LedgerPostgres(try PostgresOptions(url: both), id: "second")
        await found.close()
        await ledger.close()
        await replica.remove()
        await primary.remove()
    }
}
