import QuotaEngine
import QuotaLedger
import QuotaModel

// Many at once.
extension LedgerCheck {
    static let races = [
        LedgerCheck("of many at once exactly the limit passes", exactlyTheLimit),
        LedgerCheck("of two at once that want the last unit exactly one passes", lastUnit),
        LedgerCheck("holds and settlements at once drift nothing", concurrentHolds),
        LedgerCheck("one key at once by many charges once", concurrentKey),
        LedgerCheck("of many that create one tenant exactly one does", concurrentCreation),
    ]

    /// Runs a request in many tasks at once and counts those that were admitted.
    private static func count(
        tasks: Int,
        _ body: @escaping @Sendable () async throws -> Int
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks { group.addTask { try await body() } }
            var sum = 0
            for try await part in group { sum += part }
            return sum
        }
    }

    private static func exactlyTheLimit(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", .tokens(1_000, per: .month), .tokens(nil, per: .day), .calls(5, per: .day))
        let admitted = try await count(tasks: 64) {
            var admitted = 0
            for _ in 0..<25 where try await scenario.consume(subject, 1) { admitted += 1 }
            return admitted
        }
        try expectEqual(admitted, 1_000, "admitted requests of 1,600 for 1,000 units")
        let accounts = try await scenario.accounts(subject)
        try expectEqual(accounts.map(\.posted), [1_000, 1_000, 0], "posted on each limit")
        try expectEqual(try await scenario.events(subject).count, 1_000, "events")
        let states = try await scenario.view(subject).states
        let more = try await count(tasks: 64) {
            try await scenario.consume(subject, 1) ? 1 : 0
        }
        try expectEqual(more, 0, "admitted after the limit")
        try expectEqual(
            try await scenario.view(subject).states, states, "the states after more refusals")
    }

    private static func lastUnit(_ scenario: Scenario) async throws {
        for round in 0..<20 {
            let subject = Subject("t\(round)", .tokens(7, per: .day))
            try await scenario.consume(subject, 4)
            let admitted = try await count(tasks: 2) {
                try await scenario.consume(subject, 3) ? 1 : 0
            }
            try expectEqual(admitted, 1, "passed with one request's worth left")
        }
    }

    private static func concurrentHolds(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10_000, per: .month), .tokens(9_000, per: .day))
        let settled = try await count(tasks: 32) {
            var settled = 0
            for index in 0..<10 {
                let reservation = try await scenario.reserve(subject, 10)
                if index % 3 == 0 {
                    try await scenario.conclude(reservation, .void)
                } else {
                    let used = Int64(index)
                    try await scenario.settle(reservation, used)
                    settled += index
                }
            }
            return settled
        }
        let accounts = try await scenario.accounts(subject)
        try expectEqual(
            accounts.map(Balances.init),
            [
                Balances(posted: Int64(settled), available: 10_000 - Int64(settled)),
                Balances(posted: Int64(settled), available: 9_000 - Int64(settled)),
            ], "nothing is held and nothing drifted")
        let grants = try await scenario.ledger.unclosedGrants(of: subject.tenant)
        try expect(grants.isEmpty, "no grant is left", saw: "\(grants.count)")
    }

    private static func concurrentKey(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(1_000, per: .month))
        let claim = IdempotencyClaim(
            key: ExactString("order-17"), fingerprint: [1], windowNanoseconds: 1_000_000_000
        ) { _ in StoredAnswer(status: 200, headers: [:], body: [42]) }
        let decided = try await count(tasks: 16) {
            let command = scenario.command(subject, [Subject.tokens: 5], claim: claim)
            switch try await scenario.ledger.admit(command) {
            case .decided: return 1
            case .replayed(let answer) where answer.body == [42]: return 0
            case let other:
                throw ConformanceFailure(
                    promise: "one decision or its replay", seen: "\(other)", line: #line)
            }
        }
        try expectEqual(decided, 1, "decisions for one idempotency key")
        try expectEqual(try await scenario.balances(subject).posted, 5, "units charged")
    }

    private static func concurrentCreation(_ scenario: Scenario) async throws {
        let tenant = Tenant(id: TenantID(trusted: "acme"), createdAt: scenario.clock.now)
        let created = try await count(tasks: 16) {
            try await scenario.ledger.change(.createTenant(tenant)) == nil ? 0 : 1
        }
        try expectEqual(created, 1, "creations of one id")
    }
}
