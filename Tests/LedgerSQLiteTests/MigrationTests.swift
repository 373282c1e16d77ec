import Foundation
import GRDB
import LedgerSQL
import LedgerSQLite
import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("A database of the first version")
struct MigrationTests {
    private let clock = ManualClock(FirstVersion.now)
    private let folder: TemporaryFolder
    private let dataFolder: DataFolder
    private let ledger: LedgerSQLite
    private let acme = FirstVersion.acme

    init() throws {
        folder = try TemporaryFolder()
        dataFolder = try DataFolder(path: folder.path)
        try FirstVersion.write(to: dataFolder.databasePath)
        ledger = try LedgerSQLite(folder: dataFolder, clock: clock.read)
    }

    private func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test("has the schema of a new one after its migration")
    func schema() async throws {
        try await ledger.close()
        let fresh = try SQLiteStore()
        try await fresh.ledger.close()
        func schema(_ path: String) async throws -> [String] {
            try await DatabaseQueue(path: path)
                .read { database in
                    try String.fetchAll(
                        database,
                        sql: """
                            SELECT type || ' ' || name || ' ' || ifnull(sql, '')
                            FROM sqlite_master ORDER BY type, name
                            """)
                }
        }
        let migrated = try await schema(dataFolder.databasePath)
        let new = try await schema(fresh.dataFolder.databasePath)
        #expect(migrated == new)
        let problems = try await DatabaseQueue(path: dataFolder.databasePath)
            .read { database in
                try String.fetchAll(database, sql: "PRAGMA integrity_check")
                    + String.fetchAll(
                        database, sql: "SELECT \"table\" FROM pragma_foreign_key_check")
            }
        #expect(problems == ["ok"])
    }

    @Test("keeps tenants, keys, plans, meters and settings")
    func directory() async throws {
        let tenants = try await ledger.tenants(of: nil, after: nil, limit: 9)
        let full = Tenant(
            id: acme, name: "ACME", plan: PlanID(trusted: "team"), organization: "org",
            timeZone: "Africa/Lagos", billingAnchor: LocalDateTime("2026-01-31T09:30"),
            billingInterval: .year, status: .suspended, currency: "NGN",
            createdAt: Timestamp(nanoseconds: 1), revision: 9)
        let plain = Tenant(
            id: FirstVersion.beta, name: "Beta", createdAt: Timestamp(nanoseconds: 2), revision: 4)
        #expect(tenants == [full, plain])
        let members = try await ledger.tenants(
            of: OrganizationID(trusted: "org"), after: nil, limit: 9)
        #expect(members == [full])
        let first = KeyRecord(
            key: APIKey(
                id: APIKeyID(trusted: "k1"), tenant: acme, name: "prod",
                limits: [
                    Limit(
                        meter: Meter.aiTokens.id, scope: .key(nil), window: .day, quantity: 7),
                    Limit(
                        meter: Meter.apiCalls.id, scope: .organization, window: .hour,
                        quantity: 60, burst: 6, onUnavailable: .allowCapped(4)),
                ], createdAt: Timestamp(nanoseconds: 3), revision: 6),
            credential: KeyCredential(publicID: "public-1", digest: [1, 2], pepperVersion: 1))
        let second = KeyRecord(
            key: APIKey(
                id: APIKeyID(trusted: "k2"), tenant: acme, name: "old", status: .revoked,
                isTest: true, createdAt: Timestamp(nanoseconds: 4),
                expiresAt: Timestamp(nanoseconds: 5), revision: 7),
            credential: KeyCredential(publicID: "public-2", digest: [3, 4], pepperVersion: 2))
        #expect(try await ledger.keys(of: .tenants, after: nil, limit: 9) == [first, second])
        #expect(try await ledger.key(publicID: "public-2") == second)
        #expect(try await ledger.keys(of: .service, after: nil, limit: 9).isEmpty)
        let team = Plan(
            id: PlanID(trusted: "team"), name: "Team", weight: 3,
            limits: [
                Limit(meter: Meter.aiTokens.id, window: .month, quantity: 100),
                Limit(
                    meter: MeterID(trusted: "pages"), scope: .model(ModelName(trusted: "gpt")),
                    window: .minute, quantity: nil, burst: 9, softPercent: 70, warns: false,
                    mode: .shadow, onUnavailable: .allow),
            ], revision: 5)
        let plans = try await ledger.plans()
        #expect(plans.first { $0.id == team.id } == team)
        #expect(plans.filter { $0.id != team.id } == Plan.builtIn)
        let own = [
            Meter(id: MeterID(trusted: "gpu_seconds"), kind: .counter, recording: .event),
            Meter(id: MeterID(trusted: "pages"), kind: .counter, recording: .hourly),
        ]
        #expect(try await ledger.meters() == (Meter.builtIn + own).sorted { $0.id < $1.id })
        #expect(try await ledger.setting("admin_token") == "digest")
        #expect(try await ledger.organizations(after: nil, limit: 9).isEmpty)
        #expect(try await ledger.overrides(of: nil, after: nil, limit: 9).isEmpty)
        #expect(try await ledger.audit(AuditFilter(), before: nil, limit: 9).isEmpty)
    }

    @Test("keeps what is held, and lets it settle")
    func reservations() async throws {
        let held = try #require(try await ledger.reservation(ReservationID(trusted: "r_held")))
        #expect(held.held == [Charge(meter: Meter.aiTokens.id, amount: 10)])
        #expect(held.rates.map(\.limit) == ["tenant:ai_tokens/hour"])
        #expect(held.metadata == "{}")
        #expect(held.idempotencyKey == ExactString("order-1"))
        #expect(try await ledger.heldReservations(of: nil, after: nil, limit: 9) == [held])
        let suspect = try await ledger.suspectGrants(of: acme, after: nil, limit: 9)
        #expect(suspect.map(\.grant.id.sequence) == [2])
        let settled = try await ledger.reservation(ReservationID(trusted: "r_settled"))
        #expect(settled?.settled == [Charge(meter: Meter.aiTokens.id, amount: 15)])

        let charge = [Charge(meter: Meter.aiTokens.id, amount: 4)]
        let answers = try await ledger.commit([
            .conclude(
                ConcludeCommand(reservation: held.id, tenant: acme, event: .settle(charge))),
            .resolve(ResolveCommand(grant: suspect[0].grant.id, used: 5)),
        ])
        for answer in answers {
            guard case .concluded(.done) = answer else {
                Issue.record("\(answer)")
                continue
            }
        }
        let account = try #require(try await ledger.accounts(of: acme).first?.account)
        #expect(
            [account.available, account.escrowed, account.suspect, account.posted]
                == [46, 0, 0, 54])
        try await expectFolded()
    }

    @Test("keeps events, days and kept answers, and has hourly sums of every counter")
    func usage() async throws {
        let events = try await ledger.events(EventPage(tenant: acme, limit: 9))
        #expect(
            events.map { "\($0.id) \($0.meter) \($0.units)" } == [
                "d_2 ai_tokens 10", "r_settled ai_tokens 15", "d_1 gpu_seconds 3",
                "d_1 ai_tokens 20", "d_0 ai_tokens 40",
            ])
        #expect(events[1].adjusts == FirstVersion.october)
        #expect(events[0].overage == 2)
        #expect(events[3].metadata == "{\"a\":1}")

        func sums() async throws -> [String] {
            var rows: [String] = []
            for tenant in [acme, FirstVersion.beta] {
                let hours = try await ledger.hourlyUsage(
                    of: tenant, from: .distantPast, until: .distantFuture)
                for (key, sum) in hours {
                    rows.append(
                        "\(key.hour) \(tenant) \(key.key) \(key.meter) \(key.model?.text ?? "-") "
                            + "\(sum.units)/\(sum.postings)")
                }
            }
            return rows.sorted()
        }
        let expected = [
            "2026-10-31T23:00:00Z acme _service ai_tokens - 40/1",
            "2026-11-21T10:00:00Z acme _service ai_tokens - 15/1",
            "2026-11-21T10:00:00Z acme k1 ai_tokens gpt 30/2",
            "2026-11-21T10:00:00Z acme k1 gpu_seconds gpt 3/1",
            "2026-11-21T10:00:00Z acme k1 pages gpt 5/2",
            // The event of a call is in the sum of its hour already.
            "2026-11-21T10:00:00Z beta _service api_calls - 6/3",
        ]
        #expect(try await sums() == expected)
        try await ledger.close()
        let again = try LedgerSQLite(folder: dataFolder, clock: clock.read)
        let hours = try await again.hourlyUsage(
            of: acme, from: FirstVersion.now, until: .distantFuture)
        #expect(hours.values.reduce(0) { $0 + $1.units } == 53, "once, however often it starts")
        let answer = try await again.answer(
            IdempotencyID(tenant: acme, key: ExactString("order-0")))
        #expect(answer?.answer.headers == ["X-A": "b"])
        #expect(answer?.answer.body == Array("{}".utf8))
        try await again.close()
    }

    @Test("has its days counted, and counts on")
    func totals() async throws {
        let today = try date("2026-11-21")
        let tokens = Meter.aiTokens.id
        func totals(_ date: CivilDate, _ meter: MeterID) async throws -> UsageTotals {
            try await ledger.usageTotals(of: meter, on: date, exceededAt: clock.now)
        }
        #expect(try await totals(today, tokens) == UsageTotals(tenants: 2, exceeded: 1))
        #expect(try await totals(today, Meter.apiCalls.id) == UsageTotals(tenants: 1, exceeded: 0))
        #expect(
            try await totals(try date("2026-10-31"), tokens)
                == UsageTotals(tenants: 1, exceeded: 0))
        #expect(try await totals(try date("2026-10-30"), tokens).tenants == 0)
        let days = try await ledger.days(
            of: APIKeyID(trusted: "k1"), tenant: nil, from: today, through: today)
        #expect(days.map(\.requestCount) == [4])
        #expect(days.first?.lastRequestAt == clock.now.adding(nanoseconds: 7))
        for tenant in [FirstVersion.beta, TenantID(trusted: "gamma")] {
            let use = ImportUsageCommand(
                tenant: tenant, key: .service, meter: .aiTokens, date: today, units: 2,
                lastRequestAt: nil, demands: [], calendar: TenantCalendar(zone: .utc),
                organizationCalendar: nil, id: "a.import")
            _ = try await ledger.commit([.importUsage(use)])
        }
        #expect(try await totals(today, tokens).tenants == 3)
        let rows = try await ledger.usage(of: tokens, on: today, page: UsagePage(limit: 9))
        #expect(rows.map(\.units) == [45, 3, 2])
    }

    @Test("keeps its balances, and takes a later limit change but no older one")
    func balances() async throws {
        let records = try await ledger.periods(PeriodPage(tenant: acme, limit: 9))
        #expect(records.map(\.record.account.posted) == [45, 40])
        #expect(records.map { $0.closedAt == nil } == [true, false])
        #expect(records[0].record.period.end == FirstVersion.december)
        try await expectFolded()

        let team = try #require(try await ledger.plans().first { $0.id.text == "team" })
        func take(_ amount: Int64, _ id: String, older: Bool = false) async throws -> Bool {
            var tenant = try #require(try await ledger.tenant(acme))
            if older { tenant.revision = 8 }
            let overrides = try await ledger.overrides(of: acme, after: nil, limit: 9)
            let entitlements = Entitlements(
                tenant: tenant, plan: team, key: nil, overrides: overrides, now: clock.now)
            let demands = entitlements.applicable(to: [Meter.aiTokens.id], model: nil)
                .map { Demand(limit: $0, amount: amount) }
            let answer = try await ledger.admit(
                AdmitCommand(
                    tenant: acme, key: .service, model: nil,
                    charges: [
                        MeteredCharge(
                            charge: Charge(meter: Meter.aiTokens.id, amount: amount),
                            recording: .event)
                    ],
                    demands: demands, calendar: TenantCalendar(zone: .utc), decisionID: id))
            guard case .decided(let outcome, _) = answer else { return false }
            return outcome.isAdmitted
        }
        #expect(try await take(34, "d_7") == false, "33 are left")
        let override = LimitOverride(
            id: LimitOverride.ID(tenant: acme, meter: Meter.aiTokens.id, window: .month),
            quantity: 500, createdAt: clock.now)
        #expect(try await ledger.change(.putOverride(override)) == 10, "revisions go on")
        #expect(try await take(34, "d_8", older: true) == false, "what was read before is older")
        #expect(try await take(433, "d_9"), "the change holds")
        #expect(try await take(1, "d_10") == false)
        let account = try #require(try await ledger.accounts(of: acme).first?.account)
        #expect(account.capacity == 500)
        #expect(account.posted == 478)
        try await expectFolded()
    }

    /// The chain of the entries goes on, and they fold to the accounts, open and closed.
    private func expectFolded() async throws {
        var sums: [AccountID: [Int64]] = [:]
        var head = LedgerHead()
        for batch in try await ledger.entryBatches(after: 0, limit: 1_000) {
            let expected = EntryBatch(
                after: head, committedAt: batch.committedAt, entries: batch.entries)
            #expect(batch == expected)
            head = LedgerHead(batch: batch.number, hash: batch.hash)
            for entry in batch.entries {
                let deltas = [
                    entry.capacity, entry.available, entry.escrowed, entry.suspect, entry.posted,
                ]
                sums[entry.account] = zip(sums[entry.account] ?? [0, 0, 0, 0, 0], deltas)
                    .map { $0 + $1 }
            }
        }
        var kept: [AccountID: [Int64]] = [:]
        for tenant in [acme, FirstVersion.beta] {
            for period in try await ledger.periods(PeriodPage(tenant: tenant, limit: 99)) {
                let account = period.record.account
                #expect(account.isConserved)
                kept[period.record.id] = [
                    account.capacity, account.available, account.escrowed, account.suspect,
                    account.posted,
                ]
            }
        }
        #expect(sums == kept)
    }
}
