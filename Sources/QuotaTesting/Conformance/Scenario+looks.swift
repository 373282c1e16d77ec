import QuotaEngine
import QuotaLedger
import QuotaModel

// What can be seen.
extension Scenario {
    func sweepCommand(limit: Int = 256) -> SweepCommand {
        SweepCommand(
            forgetAnswersBefore: .distantPast, maximumAnswers: 1_000_000,
            limit: limit)
    }

    @discardableResult
    func sweep(limit: Int = 256) async throws -> SweepAnswer {
        try await ledger.sweep(sweepCommand(limit: limit))
    }

    /// Brings the accounts of a subject to what its limits are now.
    func refresh(_ subject: Subject) async throws {
        _ = try await run(
            .refresh(
                ViewCommand(
                    tenant: subject.tenant, demands: subject.looks, calendar: subject.calendar)))
    }

    /// The balances behind each limit now.
    func view(_ subject: Subject) async throws -> LimitView {
        try await ledger.view(
            ViewCommand(
                tenant: subject.tenant, demands: subject.looks, calendar: subject.calendar))
    }

    /// The accounts behind each budget now.
    func accounts(_ subject: Subject) async throws -> [Account] {
        try await view(subject).states
            .compactMap { state in
                if case .account(let account, _) = state { account } else { nil }
            }
    }

    /// The balances of the subject's one budget now.
    func balances(_ subject: Subject, line: UInt = #line) async throws -> Balances {
        guard let account = try await accounts(subject).first else {
            throw ConformanceFailure(promise: "a budget has an account", seen: "none", line: line)
        }
        return Balances(account)
    }

    /// The one archive of a tenant.
    func onlyArchive(_ subject: Subject, line: UInt = #line) async throws -> ArchiveRecord {
        let archives = try await ledger.archives(of: subject.tenant, limit: 100)
        guard let archive = archives.first, archives.count == 1 else {
            throw ConformanceFailure(
                promise: "one period is closed", seen: "\(archives.count)", line: line)
        }
        return archive
    }

    func events(_ subject: Subject) async throws -> [UsageEvent] {
        try await ledger.events(of: subject.tenant, after: nil, limit: 10_000)
    }

    /// All accounts of a tenant, closed or not.
    func allAccounts(_ subject: Subject) async throws -> [AccountRecord] {
        let archives = try await ledger.archives(of: subject.tenant, limit: 10_000)
        return try await ledger.accounts(of: subject.tenant) + archives.map(\.record)
    }

    /// The units of all accounts of a limit that were used, closed or not.
    func posted(_ subject: Subject, limit: Int = 0) async throws -> Int64 {
        let name = ExactString(subject.limits[limit].accountName)
        return try await allAccounts(subject).filter { $0.key.limit == name }
            .reduce(0) { $0 + $1.account.posted }
    }

    func allBatches() async throws -> [EntryBatch] {
        try await ledger.entryBatches(after: 0, limit: 1_000_000)
    }
}
