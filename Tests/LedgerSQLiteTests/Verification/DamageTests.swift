import Foundation
import GRDB
import LedgerSQLite
import QuotaLedger
import Testing

@Suite("What was done to a ledger past Weir is found")
struct DamageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: LedgerCheckResult.Name
        let place: String
        let statements: [String]

        init(_ name: LedgerCheckResult.Name, at place: String, _ statements: String...) {
            self.name = name
            self.place = place
            self.statements = statements
        }

        var testDescription: String { statements.joined(separator: "; ") }
    }

    private static let someEntry = "batch = 9 AND position = 0"
    private static let openMonth = "limit_name = 'tenant:ai_tokens/month' AND tenant = 'beta'"

    private static let logs = [
        Case(
            .chain, at: "entry_batches: the last one",
            "DELETE FROM entries WHERE batch > (SELECT batch - 10 FROM head)",
            "DELETE FROM entry_batches WHERE number > (SELECT batch - 10 FROM head)"),
        Case(
            .chain, at: "entry_batches: number 9",
            "UPDATE entries SET batch = -batch WHERE batch IN (9, 10)",
            "UPDATE entries SET batch = 19 + batch WHERE batch IN (-9, -10)"),
        Case(
            .chain, at: "entry_batches: number 9",
            "UPDATE entries SET posted = posted + 1, available = available - 1 WHERE \(someEntry)"),
        Case(
            .chain, at: "entry_batches: number 9",
            "UPDATE entries SET limit_name = 'tenant:ai_tokens/year' WHERE \(someEntry)"),
        Case(
            .chain, at: "entry_batches: number 9",
            "UPDATE entry_batches SET committed_at_ns = committed_at_ns + 1 WHERE number = 9"),
        Case(
            .chain, at: "entries: batch 9", "UPDATE entries SET position = 77 WHERE \(someEntry)"),
        Case(
            .chain, at: "entry_batches: number 10", "DELETE FROM entries WHERE batch = 9",
            "DELETE FROM entry_batches WHERE number = 9"),
        Case(
            .chain, at: "entries: batch 9, position 0",
            "DELETE FROM entry_batches WHERE number = 9"),
        Case(.chain, at: "head: hash", "UPDATE head SET hash = zeroblob(32)"),
        Case(.chain, at: "head", "DELETE FROM head"),
        Case(
            .audit, at: "audit: the last change",
            "DELETE FROM audit WHERE number > (SELECT audit - 10 FROM head)"),
        Case(
            .audit, at: "audit: number 5",
            "UPDATE audit SET number = -number WHERE number IN (5, 6)",
            "UPDATE audit SET number = 11 + number WHERE number IN (-5, -6)"),
        Case(.audit, at: "audit: number 5", "UPDATE audit SET reason = '' WHERE number = 5"),
        Case(.audit, at: "audit: number 5", "UPDATE audit SET tenant = 't5' WHERE number = 5"),
        Case(.audit, at: "audit: number 6", "DELETE FROM audit WHERE number = 5"),
        Case(.audit, at: "head: audit_hash", "UPDATE head SET audit_hash = zeroblob(32)"),
    ]

    private static let balances =
        ["accounts", "archives"]
        .flatMap { table in
            ["capacity", "available", "escrowed", "suspect", "posted"]
                .map { balance in
                    Case(
                        .fold, at: "\(table): ",
                        "UPDATE \(table) SET \(balance) = \(balance) + 1 WHERE rowid_of_one")
                }
        }

    private static let rows = [
        Case(.fold, at: "accounts: beta", "DELETE FROM accounts WHERE \(openMonth)"),
        Case(
            .fold, at: "archives: beta",
            """
            INSERT INTO archives SELECT tenant, limit_name, period_start_ns, period_end_ns,
                period_index, rule, meter, window, is_tenant_scope, is_unlimited, limit_revision,
                version, capacity, available, escrowed, suspect, posted, period_end_ns,
                extra, terms, thresholds, told, 0
            FROM accounts WHERE \(openMonth)
            """),
        Case(
            .fold, at: "accounts: ghost",
            "UPDATE accounts SET tenant = 'ghost' WHERE \(openMonth)"),
        Case(
            .grants, at: "accounts: ",
            "UPDATE grants SET posted = posted + 1 WHERE state = 'open' AND size > posted"),
        Case(
            .grants, at: "accounts: ",
            "UPDATE grants SET returned = returned + 1 WHERE state = 'suspect' AND size > 0"),
        Case(.grants, at: "accounts: ", "UPDATE grants SET size = size + 1 WHERE state = 'open'"),
        Case(
            .grants, at: "accounts: ",
            "UPDATE grants SET state = 'suspect' WHERE state = 'open'"),
        Case(.grants, at: "grants: ", "UPDATE grants SET posted = size + 1 WHERE state = 'open'"),
        Case(.grants, at: "grants: ", "UPDATE grants SET state = 'lost' WHERE state = 'open'"),
        Case(.grants, at: "accounts: ", "DELETE FROM grants WHERE state = 'open'"),
        Case(
            .grants, at: "accounts: ghost",
            "UPDATE grants SET tenant = 'ghost' WHERE posted + returned = size"),
        Case(
            .totals, at: "daily_meter_usage: 2026-11-29 ai_tokens acme",
            """
            UPDATE daily_meter_usage SET units = units + 1
            WHERE tenant = 'acme' AND meter = 'ai_tokens' AND date = '2026-11-29'
            """),
        Case(
            .totals, at: "daily_meter_usage: 2026-11-29 team_members acme",
            "UPDATE daily_meter_usage SET units = units - 1 WHERE meter = 'team_members'"),
        Case(
            .totals, at: "daily_meter_usage: 2026-11-29 ai_tokens acme",
            "DELETE FROM daily_meter_usage WHERE tenant = 'acme'",
            "UPDATE daily_meter_totals SET tenants = tenants - 1"),
        Case(
            .totals, at: "daily_meter_usage: 2026-11-30 ai_tokens acme",
            "UPDATE daily_meter_usage SET date = 'someday' WHERE date = '2026-11-30'"),
        Case(
            .totals, at: "daily_meter_totals: 2026-11-29 ai_tokens",
            "UPDATE daily_meter_totals SET tenants = tenants + 1"),
        Case(
            .totals, at: "daily_meter_totals: 2026-11-29 ai_tokens",
            "DELETE FROM daily_meter_totals"),
        Case(
            .events, at: "hourly_usage: acme 2026-11-29T08:00:00Z k_1 ai_tokens gpt",
            "UPDATE hourly_usage SET units = units + 1 WHERE meter = 'ai_tokens'"),
        Case(
            .events, at: "hourly_usage: acme 2026-11-29T08:00:00Z k_1 ai_tokens gpt",
            "UPDATE hourly_usage SET postings = postings + 1 WHERE meter = 'ai_tokens'"),
        Case(
            .events, at: "hourly_usage: acme 2026-11-29T08:00:00Z k_1 ai_tokens gpt",
            "DELETE FROM hourly_usage"),
        Case(
            .events, at: "hourly_usage: acme 2026-11-29T08:00:00Z k_1 ai_tokens gpt",
            "UPDATE events SET units = units + 1 WHERE meter = 'ai_tokens'"),
        Case(
            .events, at: "hourly_usage: acme 2026-11-29T08:00:00Z k_1 ai_tokens gpt",
            "DELETE FROM events WHERE id = (SELECT min(id) FROM events WHERE key = 'k_1')"),
        Case(
            .events, at: "hourly_usage: beta 2026-12-01T00:00:00Z _service api_calls",
            "UPDATE events SET units = units + 1 WHERE meter = 'api_calls'"),
        Case(
            .totals, at: "daily_meter_usage: 2026-11-29 api_calls acme",
            "UPDATE hourly_usage SET units = units + 1 WHERE meter = 'api_calls'"),
    ]

    @Test("and named", arguments: logs + balances + rows)
    func isFound(_ damage: Case) async throws {
        let store = try await BusyLedger.closed()
        try await Damage.run(
            store,
            damage.statements.map { statement in
                let table = statement.contains("accounts") ? "accounts" : "archives"
                return statement.replacing(
                    "rowid_of_one",
                    with: """
                        (tenant, limit_name, period_start_ns) IN (
                            SELECT tenant, limit_name, period_start_ns FROM \(table)
                            ORDER BY tenant DESC LIMIT 1)
                        """)
            })
        let result = try #require(try store.verification().checks.first { $0.name == damage.name })
        #expect(!result.isFine)
        #expect(result.first?.place.hasPrefix(damage.place) == true, "\(result)")
        #expect(result.first?.found != result.first?.expected)
    }

    @Test("also where two checks find it", arguments: ["accounts", "archives"])
    func conservation(_ table: String) async throws {
        let store = try await BusyLedger.closed()
        try await Damage.run(store, ["UPDATE \(table) SET capacity = capacity + 1"])
        #expect(try Set(store.findings()) == [.fold, .conservation])
    }
}
