import QuotaModel
import Testing
import WeirClient

@testable import WeirCommand

/// The whole replay against a naive ledger behind real sockets.
struct ReplayDriverTests {
    private let run: ReplayRun

    init() throws {
        run = ReplayRun(
            name: "test", trace: try Sample.trace(), tenants: 10, seed: 1, estimate: 200)
    }

    @Test func equalsTheLedgerToTheToken() async throws {
        let (tally, verification) = try await replay(StandInLedger(), faultSeed: nil)
        #expect(verification.isEqual, "\(verification.differences)")
        #expect(verification.budgets == 20)
        #expect(tally.rows == 600)
        // The busiest tenants want more than 100,000 tokens each.
        #expect(tally.refused > 0)
        #expect(tally.admitted + tally.refused == 600)
        #expect(tally.tenants[0].firstRefusedAt != nil)
        #expect(tally.retries == 0)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func lostAnswersNeitherLoseNorDoubleAToken(seed: UInt64) async throws {
        let (tally, verification) = try await replay(StandInLedger(), faultSeed: seed)
        #expect(verification.isEqual, "\(verification.differences)")
        #expect(tally.rows == 600)
        #expect(tally.retries > 0)
        #expect(tally.replayedAnswers > 0)
    }

    @Test func withoutALimitAllIsAdmitted() async throws {
        let (tally, verification) = try await replay(
            StandInLedger(calls: .max / 4, tokens: .max / 4), faultSeed: nil)
        #expect(verification.isEqual)
        #expect(tally.admitted == 600)
        let tokens = tally.tenants.reduce(0) { $0 + $1.settledTokens }
        #expect(tokens == Sample.promptTokens + Sample.generatedTokens)
        // Every tenant has its sums by date too: none of them ran out.
        #expect(verification.dailySums == 20)
    }

    @Test func aLedgerThatIsOneTokenOffIsNoticed() async throws {
        var ledger = StandInLedger()
        ledger.bias = 1
        let (_, verification) = try await replay(ledger, faultSeed: nil)
        #expect(!verification.isEqual)
    }

    @Test func aServerThatIsGoneLeavesOutcomesUnknown() async throws {
        let url = try await StandInServer(StandInLedger(), faultSeed: nil).serve { $0 }
        let tally = try await withDriver(url, retryFor: .zero) { driver in
            try await driver.play()
            return driver.tally.update { $0 }
        }
        #expect(tally.unknown == 600)
        #expect(tally.problems.count == 10)
    }

    private func replay(
        _ ledger: StandInLedger, faultSeed: UInt64?
    ) async throws -> (ReplayTally, Verification) {
        try await StandInServer(ledger, faultSeed: faultSeed)
            .serve { url in
                try await withDriver(url, retryFor: .seconds(3_600)) { driver in
                    let time = Timestamp("2026-11-21T10:00:00Z")!
                    try await driver.createTenants()
                    try await driver.play()
                    let tally = driver.tally.update { $0 }
                    return (tally, try await driver.verify(tally, start: time) { time })
                }
            }
    }

    private func withDriver<Value: Sendable>(
        _ url: String, retryFor: Duration, _ body: (ReplayDriver) async throws -> Value
    ) async throws -> Value {
        try await APIClient.open(
            url: url, credential: "token", connections: 16, timeout: .seconds(10)
        ) { client in
            try await body(
                ReplayDriver(
                    client: client, run: run, plans: ["free"], speed: .max, concurrency: 16,
                    retryFor: retryFor, tally: SharedTally(ReplayTally(tenants: run.tenants))))
        }
    }
}
