import Foundation
import Testing

/// Real traffic through a real server that is killed in the midst of it.
struct ReplayCrashTests {
    private struct Report: Decodable {
        struct Ledger: Decodable {
            var equal: Bool
            var tenants: Int
            var differences: [String]
            var notes: [String]
        }

        var rows: Int
        var admitted: Int
        var refused: Int
        var unknown: Int
        var retries: Int
        var ledger: Ledger
        var serverRestarts: Int
    }

    /// The trace's 600 rows take 148 s; so fast they take 2 s, and there is a "midst".
    private static let speed = "74"

    private func arguments(_ more: [String]) -> [String] {
        [
            "replay", "--trace", BuiltWeir.sampleTrace, "--tenants", "12", "--plan", "free",
            "--speed", Self.speed, "--json",
        ] + more
    }

    @Test func theLedgerEqualsWhatWasAdmittedAfterTwoCrashes() async throws {
        try await TestServer.run { server in
            try await ChildCommand.run(
                arguments(["--url", server.url]),
                environment: ["WEIR_ADMIN_TOKEN": server.adminToken]
            ) { replay in
                for percent in [30, 60] {
                    #expect(try await replay.reaches(percent: percent), "\(replay.errors)")
                    try await server.crashAndRestart()
                }
                try await check(replay)
            }
        }
    }

    @Test func aReplayStartsItsOwnServerAndStartsItAgain() async throws {
        try await ChildCommand.run(arguments(["--kills", "1"])) { replay in
            let report = try await check(replay)
            #expect(report.serverRestarts == 1)
        }
    }

    @discardableResult
    private func check(_ replay: ChildCommand) async throws -> Report {
        #expect(try await replay.exitStatus() == 0, "\(replay.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(replay.output.utf8))
        #expect(report.rows == 600)
        #expect(report.admitted + report.refused == 600)
        // 710,278 tokens for 12 tenants of 100,000: the busiest run out.
        #expect(report.refused > 0)
        #expect(report.unknown == 0)
        #expect(report.ledger.equal, "\(report.ledger.notes) \(report.ledger.differences)")
        #expect(report.ledger.tenants == 12)
        return report
    }
}
