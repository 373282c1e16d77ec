import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Synchronization
import Testing
import UsageJournal

@testable import QuotaNode

/// Decisions that need nobody else; each test compares them with what the ledger then knows.
@Suite("decisions on lanes")
struct LaneTests {
    private static let calls = Meter.apiCalls.id
    private static let tokens = Meter.aiTokens.id

    private func request(
        _ amount: Int64 = 1,
        tokens: Int64? = nil,
        key: APIKeyID? = nil
    ) -> DecisionRequest {
        DecisionRequest(
            tenant: TestNode.tenant, key: key,
            charges: [Charge(meter: Self.calls, amount: amount)]
                + (tokens.map { [Charge(meter: Self.tokens, amount: $0)] } ?? []))
    }

    private func used(
        _ bench: TestNode,
        _ meter: MeterID = LaneTests.calls
    ) async throws -> Int64? {
        let usage = try await bench.node.usage(of: TestNode.tenant, key: nil)
        return usage.limits.first { $0.meter == meter }?.used
    }

    @Test("what was decided once is decided on a lane from then on, and counted exactly")
    func exact() async throws {
        let bench = try await TestNode()
        _ = try await bench.decide(1)
        let reads = bench.ledger.tenantReads
        var immediate = 0
        for number in 2...200 {
            // Leases run dry now and then.
            guard let decision = bench.node.immediateDecision(request(), takes: true) else {
                #expect(try await bench.decide(1).decision.limits[0].used == Int64(number))
                continue
            }
            immediate += 1
            #expect(decision.isAllowed)
            #expect(decision.figures(0).used == Int64(number))
            #expect(decision.figures(0).remaining == 1_000 - Int64(number))
        }
        #expect(immediate > 150)
        #expect(bench.ledger.tenantReads == reads)
        #expect(bench.node.statistics.admitted == 200)
        #expect(try await used(bench) == 200)
    }

    @Test("a lane takes nothing beyond the limit, and says why")
    func refuses() async throws {
        let bench = try await TestNode()
        var admitted = 0
        for _ in 0..<1_200 where try await bench.decide(1).decision.isAllowed { admitted += 1 }
        #expect(admitted == 1_000)
        let refused = try #require(bench.node.immediateDecision(request(), takes: true))
        #expect(!refused.isAllowed)
        let decision = bench.node.decision(refused)
        #expect(decision.deniedBy?.reason == .quotaExceeded)
        #expect(decision.deniedBy?.available == 0)
        #expect(decision.violated == ["tenant:api_calls/month"])
        #expect(try await used(bench) == 1_000)
    }

    @Test("a look takes nothing")
    func looks() async throws {
        let bench = try await TestNode()
        _ = try await bench.decide(1)
        for _ in 0..<3 {
            let look = try #require(bench.node.immediateDecision(request(5), takes: false))
            #expect(look.isAllowed && look.figures(0).used == 1)
        }
        #expect(try await used(bench) == 1)
    }

    @Test("two meters are taken from together")
    func twoMeters() async throws {
        let bench = try await TestNode()
        _ = try await bench.node.decide(request(1, tokens: 10))
        for _ in 0..<9 {
            #expect(bench.node.immediateDecision(request(1, tokens: 10), takes: true) != nil)
        }
        // The lease of calls is used up, that of tokens is not: nothing is taken of either.
        #expect(bench.node.immediateDecision(request(1, tokens: 10), takes: true) == nil)
        #expect(try await used(bench) == 10)
        #expect(try await used(bench, Self.tokens) == 100)
    }

    @Test("amounts that nobody may ask for are left to who says so", arguments: [0, -1, Int64.max])
    func amounts(_ amount: Int64) async throws {
        let bench = try await TestNode()
        _ = try await bench.decide(1)
        #expect(bench.node.immediateDecision(request(amount), takes: true) == nil)
        #expect(try await used(bench) == 1)
    }

    @Test("a changed limit, a suspended tenant and a cleared cache close the lanes at once")
    func closes() async throws {
        let bench = try await TestNode()
        _ = try await bench.decide(1)
        #expect(bench.node.immediateDecision(request(), takes: true) != nil)
        _ = try await bench.node.putOverride(
            LimitOverride.ID(tenant: TestNode.tenant, meter: Self.calls, window: .month),
            effect: .quantity(3), expiresAt: nil, periods: nil)
        #expect(bench.node.immediateDecision(request(), takes: true) == nil)
        #expect(try await bench.decide(1).decision.isAllowed)
        #expect(try await !bench.decide(1).decision.isAllowed)
        _ = try await bench.node.updateTenant(TestNode.tenant) { $0.status = .suspended }
        #expect(bench.node.immediateDecision(request(), takes: true) == nil)
        #expect(try await bench.decide(1).decision.deniedBy?.reason == .suspended)
        _ = try await bench.node.updateTenant(TestNode.tenant) { $0.status = .active }
        #expect(try await !bench.decide(1).decision.isAllowed)
        #expect(bench.node.immediateDecision(request(), takes: true) != nil)
        _ = try await bench.node.clearCaches()
        #expect(bench.node.immediateDecision(request(), takes: true) == nil)
        #expect(try await used(bench) == 3)
    }

    @Test("a lane ends with what it was compiled from, and with its period")
    func ends() async throws {
        let bench = try await TestNode()
        _ = try await bench.decide(1)
        bench.clock.advance(by: .seconds(61))
        #expect(bench.node.immediateDecision(request(), takes: true) == nil)
        _ = try await bench.decide(1)
        #expect(bench.node.immediateDecision(request(), takes: true) != nil)
        bench.clock.advance(by: .seconds(40 * 86_400))
        #expect(bench.node.immediateDecision(request(), takes: true) == nil)
        _ = try await bench.decide(1)
        #expect(try await used(bench) == 1)
    }

    @Test("the first decision of a period waits for one draw, and use stays in its period")
    func begins() async throws {
        let bench = try await TestNode()
        _ = try await bench.decide(1)
        #expect(bench.node.immediateDecision(request(), takes: true) != nil)
        let usage = try await bench.node.usage(of: TestNode.tenant, key: nil)
        let end = try #require(usage.limits.first { $0.meter == Self.calls }?.resetAt)
        bench.clock.set(end.adding(nanoseconds: -1_000_000))
        _ = try await bench.decide(1)
        bench.clock.set(end.adding(nanoseconds: 1_000_000_000))
        let before = bench.ledger.calls
        _ = try await bench.decide(1)
        // The tenant has not been read again: what is asked for is the draw.
        #expect(bench.ledger.calls == before + 1)
        #expect(try await used(bench) == 1)
        try await bench.node.recall()
        let archives = try await bench.memory.archives(of: TestNode.tenant, limit: 10)
        #expect(
            archives.filter { $0.record.meter == Self.calls }.map(\.record.account.posted) == [3])
    }

    @Test("what others do with a tenant sees what lanes took")
    func settles() async throws {
        let bench = try await TestNode()
        _ = try await bench.decide(1)
        for _ in 0..<9 { #expect(bench.node.immediateDecision(request(), takes: true) != nil) }
        let held = try await bench.decide(985, holds: true)
        #expect(held.decision.isAllowed)
        #expect(try await !bench.decide(6).decision.isAllowed)
        #expect(try await bench.decide(5).decision.isAllowed)
        _ = try await bench.node.void(try #require(held.reservation).id, tenant: nil)
        #expect(try await bench.decide(985).decision.isAllowed)
        #expect(try await used(bench) == 1_000)
    }

    @Test("a tenant that asks in many forms is decided without lanes for a while, as exactly")
    func manyForms() async throws {
        let bench = try await TestNode()
        func request(_ number: Int) -> DecisionRequest {
            DecisionRequest(
                tenant: TestNode.tenant, charges: [Charge(meter: Self.calls, amount: 1)],
                model: ModelName(trusted: "model-\(number)"))
        }
        func lanes() -> Int {
            bench.node.leases.shards
                .map { shard in shard.state.withLock { $0.table.tenants.lanes.count } }
                .reduce(0, +)
        }
        let most = TenantStates.maximumLanesPerTenant
        for number in 0..<most { _ = try await bench.node.decide(request(number)) }
        #expect(lanes() == most)
        for number in 0..<300 { _ = try await bench.node.decide(request(number)) }
        #expect(lanes() == 0)
        #expect(bench.node.immediateDecision(request(299), takes: true) == nil)
        #expect(try await used(bench) == Int64(most + 300))
        bench.clock.advance(by: .seconds(61))
        for _ in 0..<2 { _ = try await bench.node.decide(request(7)) }
        #expect(lanes() == 1)
        #expect(bench.node.immediateDecision(request(7), takes: true) != nil)
        #expect(try await used(bench) == Int64(most + 303))
    }

    @Test("a journal that lanes have written through many segments is taken over whole")
    func recovers() async throws {
        let files = MemoryFiles()
        var options = JournalOptions.inMemory(files)
        options.segmentBytes = 8_192
        options.streamCount = 2
        let bench = try await TestNode(files: files, journal: options)
        for _ in 0..<3 { _ = try await bench.node.decide(request(1, tokens: 2)) }
        var taken = 3
        for round in 0..<600 {
            if bench.node.immediateDecision(request(1, tokens: 2), takes: true) != nil {
                taken += 1
            } else {
                _ = try await bench.node.decide(request(1, tokens: 2))
                taken += 1
            }
            if round % 50 == 49 { try await bench.node.fold() }
        }
        for _ in 0..<20 {
            let last = bench.node.immediateDecision(request(1, tokens: 2), takes: true)
            if last != nil { taken += 1 }
        }
        let next = try await TestNode(
            on: bench.memory, clock: bench.clock, files: files, journal: options, seed: 2)
        #expect(try await used(next) == Int64(taken))
        #expect(try await used(next, Self.tokens) == Int64(taken) * 2)
    }
}
