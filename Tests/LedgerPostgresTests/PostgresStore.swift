import Foundation
import LedgerPostgres
import QuotaLedger
import QuotaTesting
import RealServers
import Synchronization

/// A ledger in a schema of its own, with a manual clock.
final class PostgresStore: Sendable {
    let clock = ManualClock()
    let url: String
    private let current: Mutex<LedgerPostgres>

    init() async throws {
        let server = try await SharedPostgres.started()
        let schema = "s" + UUID().uuidString.filter(\.isHexDigit).lowercased()
        _ = try await server.psql("CREATE SCHEMA \(schema)")
        url = server.url(options: "options=-csearch_path%3D\(schema)")
        current = Mutex(try await Self.open(url, clock))
    }

    private static func open(
        _ url: String,
        _ clock: ManualClock
    ) async throws -> LedgerPostgres {
        var options = try PostgresOptions(url: url)
        options.clock = .manual(clock.read)
        options.readerCount = 1
        return try await LedgerPostgres(options, id: UUID().uuidString)
    }

    var ledger: LedgerPostgres { current.withLock { $0 } }

    /// Closes the ledger and opens it again on the same database.
    func reopen() async throws -> LedgerPostgres {
        await ledger.close()
        let opened = try await Self.open(url, clock)
        current.withLock { $0 = opened }
        return opened
    }

    var harness: LedgerHarness {
        LedgerHarness(clock: clock, ledger: ledger) { try await self.reopen() }
    }
}
