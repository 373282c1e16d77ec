import ArgumentParser
import Foundation
import GRDB
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing
import WeirClient

@testable import WeirCommand

/// `weir verify`, as people and programs see it.
struct VerifyCommandTests {
    /// A ledger with one change in it.
    private func withLedger(_ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder(for: "weir-verify")
        defer { folder.remove() }
        let ledger = try LedgerSQLite(
            folder: DataFolder(path: folder.path), clock: ManualClock().read)
        let tenant = Tenant(id: TenantID(trusted: "acme"), createdAt: .distantPast)
        _ = try await ledger.commit([
            .audited(.createTenant(tenant), AuditNote(action: "tenant.create", subject: "acme"))
        ])
        try await ledger.close()
        try await body(folder.path)
    }

    private func damage(_ folder: String) async throws {
        let database = try DatabaseQueue(path: folder + "/ledger.sqlite")
        try await database.write { database in
            try database.execute(sql: "DROP TRIGGER audit_is_never_updated")
            try database.execute(sql: "UPDATE audit SET reason = 'b' || char(27) || '[2J'")
        }
        try database.close()
    }

    private func verification(
        _ folder: String,
        expecting hashes: [HashArgument] = []
    ) throws -> LedgerVerification {
        try VerifyCommand.verification(of: folder, expecting: hashes)
    }

    private func exitCode(_ line: String) -> Int32 {
        do {
            var command = try command(line)
            try command.run()
            return 0
        } catch {
            return Weir.exitCode(for: error).rawValue
        }
    }

    @Test func aLineForEachCheck() async throws {
        try await withLedger { folder in
            let verification = try verification(folder)
            let hash = try #require(verification.head?.auditHash.hexadecimal)
            #expect(
                verification.text == """
                    chain         0 batches, 0 entries    ok
                    fold          0 accounts, 0 archives  ok
                    conservation  0 accounts              ok
                    grants        0 grants                ok
                    totals        0 days, 0 totals        ok
                    events        0 events, 0 hours       ok
                    audit         1 changes               ok

                    head of the entries  none yet
                    head of the audit    \(hash)  number 1

                    Nothing differs. Note the heads where nobody who can write to the data folder \
                    can write, and give them with --expect the next time.

                    """)
        }
    }

    @Test func theFirstDifferenceOfACheck() async throws {
        try await withLedger { folder in
            try await damage(folder)
            let text = try verification(folder).text
            #expect(text.contains("audit         1 changes               1 difference\n"))
            #expect(text.contains("\n    at        audit: number 1\n    found     "))
            #expect(text.contains("1 of 7 checks found differences; nothing was changed."))
            #expect(!text.contains("Nothing differs"))
        }
    }

    @Test func jsonSaysTheSame() async throws {
        try await withLedger { folder in
            let fine = try verification(folder)
            let expected = try #require(fine.head?.auditHash)
            #expect(fine.json["ok"] == true)
            #expect(fine.json["head"]?["batch"] == 0)
            #expect(fine.json["head"]?["hash"] == .null)
            #expect(fine.json["head"]?["audit_hash"]?.stringValue == expected.hexadecimal)
            let names = fine.json["checks"]?.arrayValue?.compactMap { $0["check"]?.stringValue }
            #expect(
                names == [
                    "chain", "fold", "conservation", "grants", "totals", "events", "audit",
                ])
            try await damage(folder)
            let hashes = [HashArgument(bytes: expected), HashArgument(bytes: expected.reversed())]
            let bad = try verification(folder, expecting: hashes)
            #expect(bad.json["ok"] == false)
            let checks = try #require(bad.json["checks"]?.arrayValue)
            #expect(checks.count == 8)
            #expect(checks[6]["seen"] == ["changes": 1])
            #expect(checks[6]["differences"] == 1)
            #expect(checks[6]["first"]?["at"] == "audit: number 1")
            #expect(checks[7]["differences"] == 1)
            #expect(checks[5]["first"] == .null)
        }
    }

    @Test func exitCodes() async throws {
        try await withLedger { folder in
            #expect(exitCode("verify --data \(folder)") == 0)
            #expect(exitCode("verify --json --data \(folder)") == 0)
            let wrong = String(repeating: "ab", count: 32)
            #expect(exitCode("verify --data \(folder) --expect \(wrong)") == 1)
            try await damage(folder)
            #expect(exitCode("verify --data \(folder)") == 1)
            #expect(exitCode("verify --data \(folder)/nowhere") == 1)
            for arguments in [
                "--data \"\"", "--expect abc", "--expect \(wrong)ab",
                "--expect \(wrong.dropLast())g",
                "--what", "here",
            ] {
                #expect(exitCode("verify \(arguments)") == 64, "\(arguments)")
            }
        }
    }

    @Test func whatCannotBeCheckedIsSaid() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try VerifyCommand.verification(of: "/nowhere\u{1B}", expecting: [])
        }
        #expect(
            failure?.description
                == #"there is no ledger in /nowhere\u{1b}: name the data folder of the server with"#
                + " --data")
    }

    @Test(arguments: [
        ("x", ["WEIR_DATA": "y"], "x"), (nil, ["WEIR_DATA": "y"], "y"),
        (nil, ["WEIR_DATA": ""], "./weir-data"), (nil, [:], "./weir-data"),
    ])
    func theFolderIsFoundLikeAServerFindsIt(
        option: String?,
        environment: [String: String],
        folder: String
    ) {
        #expect(VerifyCommand.folder(option, environment: environment) == folder)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (123_456, "123,456"), (1_234_567, "1,234,567"),
    ])
    func numbersAreGrouped(number: Int, text: String) {
        #expect(LedgerVerification.grouped(number) == text)
    }
}
