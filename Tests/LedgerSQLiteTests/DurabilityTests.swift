import Foundation
import LedgerSQL
import LedgerSQLite
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("What was answered is there")
struct DurabilityTests {
    @Test("of 64 tasks that race for 1,000 units exactly 1,000 pass, also over restarts")
    func race() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 1_000)
        var admitted = 0
        for _ in 0..<3 {
            admitted += try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        var admitted = 0
                        for round in 0..<4 {
                            let amounts = [Int64](repeating: 1, count: 1 + (task + round) % 3)
                            admitted += try await user.consume(amounts)
                        }
                        return admitted
                    }
                }
                return try await group.reduce(0, +)
            }
            _ = try await store.reopen()
            #expect(try await user.posted() == Int64(admitted))
        }
        #expect(admitted == 1_000)
        let events = try await store.ledger.events(of: User.tenant, after: nil, limit: 10_000)
        #expect(events.count == 1_000)
        #expect(try await user.consume([Int64](repeating: 1, count: 1_000)) == 0)
        #expect(try await user.posted() == 1_000)
    }

    @Test("a copy of the files as they lie there after an answer has that answer")
    func copyOfFiles() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 1_000)
        for round in 1...20 {
            #expect(try await user.consume(1))
            let copy = try TemporaryFolder()
            for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
                try FileManager.default.copyItem(
                    atPath: store.folder.path + "/" + name, toPath: copy.path + "/" + name)
            }
            let folder = try DataFolder(path: copy.path)
            let ledger = try LedgerSQLite(folder: folder, clock: store.clock.read)
            let accounts = try await ledger.accounts(of: User.tenant)
            #expect(accounts.map(\.account.posted) == [Int64(round)])
            try await ledger.close()
        }
    }

    @Test("a closed ledger takes no more commands")
    func closed() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 10)
        #expect(try await user.consume(1))
        try await store.ledger.close()
        let error = await #expect(throws: LedgerError.self) { try await user.consume(1) }
        #expect(error?.code == .closed)
        _ = try await store.reopen()
        #expect(try await user.posted() == 1)
    }

    @Test("commands that wait when the ledger closes are done or refused, never lost")
    func closesInFlight() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 10_000)
        let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    do {
                        return try await user.consume([1, 1, 1])
                    } catch let error as LedgerError where error.code == .closed {
                        return 0
                    }
                }
            }
            group.addTask {
                try await store.ledger.close()
                return 0
            }
            return try await group.reduce(0, +)
        }
        _ = try await store.reopen()
        #expect(try await user.posted() == Int64(admitted))
    }
}
