import LedgerPostgres
import LedgerSQL
import QuotaEngine
import QuotaLedger
import RealServers
import Testing

@Suite("Several nodes on one ledger", .needsPostgres)
struct FleetTests {
    @Test("that start at once on an empty database create one schema")
    func migrations() async throws {
        let fleet = try await Fleet([nil, nil, nil, nil], quantity: 10)
        let versions = try await fleet.server.psql(
            "SELECT count(*) FROM \(fleet.schema).weir_migrations")
        #expect(versions.contains("1"))
        for ledger in fleet.ledgers { #expect(try await ledger.plans().count == 4) }
        await fleet.close()
        let writers = try await fleet.server.psql(
            "SELECT count(*) FROM \(fleet.schema).writers")
        #expect(writers.contains("0"), "closed ledgers leave nothing")
    }

    @Test("that race for a limit get exactly the limit")
    func race() async throws {
        let fleet = try await Fleet([nil, nil, nil], quantity: 1_000)
        let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
            for ledger in fleet.ledgers {
                for _ in 0..<8 {
                    group.addTask {
                        var count = 0
                        for _ in 0..<12 {
                            count += try await fleet.consume([1, 1, 1, 1, 1], from: ledger)
                        }
                        return count
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(admitted == 1_000)
        #expect(try await fleet.posted() == (1_000, 1_000))
        let batches = try await fleet.ledgers[0].entryBatches(after: 0, limit: 10_000)
        #expect(batches.map(\.number) == Array(1...Int64(batches.count)), "one chain for all")
        await fleet.close()
    }

    @Test("see at once what another was answered")
    func reads() async throws {
        let fleet = try await Fleet([nil, nil], quantity: 100)
        for round in 1...20 as ClosedRange<Int64> {
            let (writer, reader) = (
                fleet.ledgers[Int(round) % 2], fleet.ledgers[(Int(round) + 1) % 2]
            )
            #expect(try await fleet.consume([1], from: writer) == 1)
            let accounts = try await reader.accounts(of: Fleet.tenant)
            #expect(accounts.first?.account.posted == round)
        }
        await fleet.close()
    }

    @Test("whose connections are cut in the middle lose nothing and double nothing")
    func cutConnections() async throws {
        let name = "cut" + String(UInt64.random(in: 0...(.max)), radix: 36)
        let fleet = try await Fleet([nil, nil, nil], quantity: 1_000_000) {
            $0.application = name
        }
        let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
            for ledger in fleet.ledgers {
                for _ in 0..<4 {
                    group.addTask {
                        var count = 0
                        for _ in 0..<60 {
                            do { count += try await fleet.consume([1], from: ledger) } catch {
                                // Refused as out of reach: then nothing happened.
                                let code = (error as? LedgerError)?.code
                                guard code == .unreachable || code == .busy else { throw error }
                            }
                        }
                        return count
                    }
                }
            }
            for _ in 0..<12 {
                _ = try await fleet.server.psql(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE application_name = '\(name)' AND random() < 0.3
                    """)
            }
            return try await group.reduce(0, +)
        }
        let posted = try await fleet.posted()
        #expect(posted.units == admitted)
        #expect(posted.events == admitted)
        #expect(admitted > 0)
        await fleet.close()
    }

    @Test("a lost answer to a commit is found out, and the commit happens once")
    func lostCommit() async throws {
        let server = try await SharedPostgres.started()
        let proxy = try await FaultProxy(to: server.port)
        let fleet = try await Fleet([proxy.port, nil], quantity: 1_000)
        for round in 1...10 {
            #expect(try await fleet.consume([1], from: fleet.ledgers[0]) == 1)
            proxy.set(.loseAnswer(to: fleet.id(0)))
            async let answer = fleet.consume([1], from: fleet.ledgers[0])
            while proxy.lostAnswers < round { await Task.yield() }
            // Another node goes on meanwhile.
            #expect(try await fleet.consume([1], from: fleet.ledgers[1]) == 1)
            proxy.set(.none)
            #expect(try await answer == 1)
        }
        #expect(try await fleet.posted() == (30, 30))
        await fleet.close()
        await proxy.close()
    }
}
