import Foundation
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting

extension TestServer {
    /// Where a server's ledger lies.
    enum Store: String, CaseIterable, Sendable {
        case memory
        case sqlite
    }

    /// Starts a server on a ledger of a kind, and closes the ledger at the end.
    static func with(_ store: Store, _ body: (TestServer) async throws -> Void) async throws {
        let clock = ManualClock(Timestamp(seconds: 1_795_255_200))
        switch store {
        case .memory:
            try await body(try await TestServer(on: MemoryLedger(clock: clock.read), clock: clock))
        case .sqlite:
            let path = FileManager.default.temporaryDirectory
                .appending(path: "weir-http-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            let ledger = try LedgerSQLite(
                folder: DataFolder(path: path), clock: clock.read, steadyClock: clock.read)
            try await body(try await TestServer(on: ledger, clock: clock))
            try await ledger.close()
        }
    }
}
