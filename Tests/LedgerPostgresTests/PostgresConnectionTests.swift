import PostgresWire
import RealServers
import Testing

@Suite("A connection to PostgreSQL", .needsPostgres)
struct PostgresConnectionTests {
    private func connect(
        timeout: Duration = .seconds(10)
    ) async throws -> PostgresConnection {
        let server = try await SharedPostgres.started()
        return try PostgresConnection(
            try PostgresAddress(server.url()), application: "tests", connectTimeout: .seconds(5),
            timeout: timeout)
    }

    @Test("values come back as they went, whatever is in them")
    func values() async throws {
        let connection = try await connect()
        let texts = [
            "", "'; DROP TABLE x; --", "$1", "åß∂ 😀", String(repeating: "x", count: 100_000),
        ]
        for text in texts {
            for integer in [.min, -1, 0, 1, .max] as [Int64] {
                var parameters = PostgresParameters()
                parameters.add(text.utf8)
                parameters.add(integer)
                parameters.add([0, 255, 7] as [UInt8])
                parameters.add(nil as Int64?)
                let result = try connection.run(
                    PostgresStatement(
                        "SELECT $1, $2, $3, $4", types: [.text, .integer, .bytes, .integer],
                        parameters))
                #expect(result.text(0, 0) == text)
                #expect(result.integer(0, 1) == integer)
                #expect(Array(result.bytes(0, 2)) == [0, 255, 7])
                #expect(result.isNull(0, 3))
            }
        }
    }

    @Test("arrays keep their order, their nulls and what is empty")
    func arrays() async throws {
        let connection = try await connect()
        var numbers = PostgresArray(of: .integer)
        var words = PostgresArray(of: .text)
        for number in 0..<1_000 as Range<Int64> {
            numbers.append(number.isMultiple(of: 7) ? nil : number)
            words.append(number.isMultiple(of: 5) ? "".utf8 : "w\(number)".utf8)
        }
        var parameters = PostgresParameters()
        parameters.add(numbers)
        parameters.add(words)
        let result = try connection.run(
            PostgresStatement(
                "SELECT * FROM unnest($1::bigint[], $2::text[])", arraysOf: [.integer, .text],
                parameters))
        #expect(result.rowCount == 1_000)
        for row in 0..<1_000 {
            #expect(result.isNull(row, 0) == row.isMultiple(of: 7))
            #expect(result.text(row, 1) == (row.isMultiple(of: 5) ? "" : "w\(row)"))
        }
    }

    @Test("statements of one call run in order, and the first that fails ends them all")
    func pipelines() async throws {
        let connection = try await connect()
        let schema = "p" + String(UInt64.random(in: 0...(.max)), radix: 36)
        _ = try connection.run([
            PostgresStatement("CREATE SCHEMA \(schema)"),
            PostgresStatement("CREATE TABLE \(schema).t (n bigint PRIMARY KEY)"),
        ])
        func insert(_ number: Int64) -> PostgresStatement {
            var parameters = PostgresParameters()
            parameters.add(number)
            return PostgresStatement(
                "INSERT INTO \(schema).t VALUES ($1)", types: [.integer], parameters)
        }
        _ = try connection.run((0..<5_000).map(insert))
        let error = #expect(throws: PostgresError.self) {
            try connection.run([insert(6_000), insert(7), insert(6_001)])
        }
        #expect(error?.state == "23505")
        let count = try connection.run(PostgresStatement("SELECT count(*) FROM \(schema).t"))
        #expect(count.integer(0, 0) == 5_000)
        // Also after statements that were new when another failed.
        for _ in 0..<3 {
            #expect(throws: PostgresError.self) {
                try connection.run([
                    PostgresStatement("SELECT 1 FROM nowhere"),
                    PostgresStatement("SELECT 2 AS two"),
                ])
            }
            #expect(try connection.run(PostgresStatement("SELECT 2 AS two")).integer(0, 0) == 2)
        }
    }

    @Test("a server that does not answer is given up")
    func silence() async throws {
        let connection = try await connect(timeout: .milliseconds(50))
        let error = #expect(throws: PostgresError.self) {
            try connection.run(PostgresStatement("SELECT pg_sleep(30)"))
        }
        #expect(error?.kind == .lost)
        #expect(connection.isDead)
        let later = #expect(throws: PostgresError.self) {
            try connection.run(PostgresStatement("SELECT 1"))
        }
        #expect(later?.kind == .unreachable)
    }

    @Test("what is not there, or does not let us in, is told")
    func unreachable() async throws {
        let server = try await SharedPostgres.started()
        let nobody = try FreePort.take()
        for (url, words) in [
            ("postgres://weir@127.0.0.1:\(nobody)/postgres", "refused"),
            (server.url(database: "nowhere"), "\"nowhere\" does not exist"),
        ] {
            let error = #expect(throws: PostgresError.self) {
                try PostgresConnection(
                    try PostgresAddress(url), application: "tests", connectTimeout: .seconds(5),
                    timeout: .seconds(5))
            }
            #expect(error?.kind == .unreachable)
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        }
    }

    @Test("a server that accepts and says nothing is given up")
    func swallowed() async throws {
        let server = try await SharedPostgres.started()
        let proxy = try await FaultProxy(to: server.port)
        proxy.set(.swallow)
        let error = #expect(throws: PostgresError.self) {
            try PostgresConnection(
                try PostgresAddress("postgres://weir@127.0.0.1:\(proxy.port)/postgres"),
                application: "tests", connectTimeout: .milliseconds(50), timeout: .seconds(5))
        }
        #expect(error?.kind == .unreachable)
        await proxy.close()
    }

    @Test("what is notified is heard")
    func notifications() async throws {
        let (listener, speaker) = (try await connect(), try await connect())
        _ = try listener.run(PostgresStatement("LISTEN news"))
        #expect(try listener.notifications(waiting: .zero) == [])
        var parameters = PostgresParameters()
        parameters.add("it's {so}".utf8)
        _ = try speaker.run(
            PostgresStatement("SELECT pg_notify('news', $1)", types: [.text], parameters))
        #expect(
            try listener.notifications(waiting: .seconds(10))
                == [PostgresNotification(channel: "news", payload: "it's {so}")])
    }
}
