import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing
import UsageJournal

@Suite("what one life of a node leaves to the next")
struct RecoveryTests {
    private static let limit = "tenant:api_calls/month"

    /// The tenant's month.
    private func month(_ test: TestNode) async throws -> LimitStatus {
        let usage = try await test.node.usage(of: TestNode.tenant, key: nil)
        return try #require(usage.limits.first { $0.id == Self.limit })
    }

    /// Another life, after the process of the one before was killed.
    private func next(
        after test: TestNode,
        _ change: (inout JournalOptions) -> Void = { _ in }
    ) async throws -> TestNode {
        var options = JournalOptions.inMemory(test.files)
        change(&options)
        return try await TestNode(
            on: test.memory, clock: test.clock, files: test.files, journal: options)
    }

    @Test("what was admitted is there, what was leased and not used is free, what is held is held")
    func killed() async throws {
        let first = try await TestNode()
        _ = try await first.decide(7)
        let held = try await first.decide(5, holds: true)
        _ = try await first.decide(3)
        let second = try await next(after: first)
        let month = try await month(second)
        #expect(month.used == 15)
        #expect(month.held == 5)
        #expect(month.suspect == 0)
        #expect(try await second.decide(985).decision.isAllowed)
        #expect(try await second.decide(1).decision.isAllowed == false)
        let id = try #require(held.reservation).id
        _ = try await second.node.void(id, tenant: TestNode.tenant)
        #expect(try await second.decide(5).decision.isAllowed)
        #expect(try await second.decide(1).decision.isAllowed == false)
    }

    @Test("what a full disk keeps from being given back is shown free, and is free afterwards")
    func fullDisk() async throws {
        let test = try await TestNode()
        _ = try await test.decide(7)
        test.ledger.setFull(true)
        await #expect(throws: NodeError.self) { try await test.decide(900) }
        // What was used counts as held until the ledger has it.
        #expect(try await month(test).used == 7)
        test.ledger.setFull(false)
        #expect(try await month(test).used == 7)
        #expect(try await month(test).held == 0)
        #expect(try await test.decide(993).decision.isAllowed)
        #expect(try await test.decide(1).decision.isAllowed == false)
    }

    @Test("an answer that was kept is kept, also when the ledger never heard of it")
    func answers() async throws {
        let first = try await TestNode()
        let request = DecisionRequest(
            tenant: TestNode.tenant, charges: [Charge(meter: Meter.apiCalls.id, amount: 2)])
        let idempotency = IdempotencyRequest(key: ExactString("k"), fingerprint: [1]) { outcome in
            StoredAnswer(status: 200, headers: [:], body: Array(outcome.decision.id.utf8))
        }
        guard
            case .decided(let outcome, _) = try await first.node.decide(
                request, idempotency: idempotency)
        else { throw TestNode.UnexpectedReplay() }
        let second = try await next(after: first)
        guard
            case .replayed(let stored) = try await second.node.decide(
                request, idempotency: idempotency)
        else {
            Issue.record("the repeat was decided anew")
            return
        }
        #expect(stored.body == Array(outcome.decision.id.utf8))
        #expect(try await month(second).used == 2)
    }

    @Test("a life that ended in order leaves no journal and nothing to take over")
    func ended() async throws {
        let first = try await TestNode()
        _ = try await first.decide(7)
        try await first.node.end()
        #expect(try first.files.names(in: "journal") == [])
        let account = try #require(await first.memory.accounts(of: TestNode.tenant).first)
        #expect(account.account.escrowed == 0)
        #expect(account.account.posted == 7)
    }

    @Test("a journal that is missing stops the start, until its loss is accepted")
    func missing() async throws {
        let first = try await TestNode()
        _ = try await first.decide(7)
        let lost = JournalOptions.inMemory()
        await #expect(throws: LedgerError.self) {
            _ = try await TestNode(on: first.memory, clock: first.clock, journal: lost)
        }
        var accepting = lost
        accepting.givesUpOtherHistories = true
        let second = try await TestNode(
            on: first.memory, clock: first.clock, journal: accepting)
        let month = try await month(second)
        #expect(month.used == month.suspect)
        #expect(month.suspect >= 7)
        #expect(month.used + (month.remaining ?? 0) == 1000)
    }

    @Test("a ledger that is older than the journal stops the start, and is not changed by it")
    func olderLedger() async throws {
        let first = try await TestNode()
        _ = try await first.decide(7)
        let older = MemoryLedger(clock: first.clock.read)
        let options = JournalOptions.inMemory(first.files)
        for _ in 0..<3 {
            await #expect(throws: LedgerError.self) {
                _ = try await TestNode(on: older, clock: first.clock, journal: options)
            }
        }
        var accepting = options
        accepting.givesUpOtherHistories = true
        let second = try await TestNode(on: older, clock: first.clock, journal: accepting)
        #expect(try await second.decide(1000).decision.isAllowed)
        let aside = "journal-until-\(first.clock.now.nanoseconds / 1_000_000_000)"
        #expect(try first.files.names(in: aside).isEmpty == false)
    }

    @Test("a journal without room refuses and takes nothing; once it is folded there is room")
    func full() async throws {
        var options = JournalOptions.inMemory()
        options.segmentBytes = 8_192
        options.maximumBytes = 16_384
        let test = try await TestNode(journal: options)
        _ = try await test.decide(1)
        var admitted: Int64 = 1
        await #expect(throws: NodeError.self) {
            while true {
                _ = try await test.decide(1)
                admitted += 1
            }
        }
        #expect(admitted > 50)
        #expect(try await month(test).used == admitted)
        #expect(try await test.decide(1).decision.isAllowed)
        #expect(try await month(test).used == admitted + 1)
    }

    @Test("durable: nothing is answered before it is on the disk", arguments: [false, true])
    func durable(isDurable: Bool) async throws {
        let order = SharedLog()
        var options = JournalOptions.inMemory()
        options.durability = isDurable ? .durable : .fast
        options.background = { work in
            order.append("disk")
            work()
        }
        let test = try await TestNode(journal: options)
        _ = try await test.decide(1)
        order.clear()
        _ = try await test.decide(1)
        order.append("answer")
        #expect(order.entries == (isDurable ? ["disk", "answer"] : ["answer"]))
    }

    @Test(
        "a power cut makes suspect what was leased, unless answers waited for the disk",
        arguments: [JournalOptions.Durability.fast, .durable])
    func powerCut(durability: JournalOptions.Durability) async throws {
        var options = JournalOptions.inMemory()
        options.durability = durability
        let files = MemoryFiles()
        options.files = files
        let first = try await TestNode(files: files, journal: options)
        _ = try await first.decide(7)
        let second = try await next(after: first) { $0.boot = BootID(high: 2, low: 2) }
        let month = try await month(second)
        #expect(month.used == 7 + month.suspect)
        #expect((month.suspect == 0) == (durability == .durable))
    }

    /// Consumes one call of a tenant without limits.
    private func consume(_ tenant: String, on test: TestNode) async throws {
        let request = DecisionRequest(
            tenant: TenantID(trusted: tenant),
            charges: [Charge(meter: Meter.apiCalls.id, amount: 1)],
            plan: try #require(Plan.builtIn.last).id)
        _ = try await test.node.decide(request)
    }

    private func used(_ tenant: String, on test: TestNode) async throws -> Int64 {
        try await test.node.usage(of: TenantID(trusted: tenant), key: nil)
            .limits.filter { $0.meter == Meter.apiCalls.id && $0.window == .month }
            .map(\.used).max() ?? 0
    }

    @Test("segments that turn at any record mix up no names", arguments: [1, 4])
    func names(streams: Int) async throws {
        var options = JournalOptions.inMemory()
        options.segmentBytes = 8_192
        options.streamCount = streams
        let files = MemoryFiles()
        options.files = files
        let first = try await TestNode(files: files, journal: options)
        for round in 0..<20 {
            for number in 0..<40 {
                // Another order each time, so that names and uses meet the end of a segment.
                let place = (number * 7 + round * 11) % 40
                try await consume(
                    "tenant-\(place)-" + String(repeating: "x", count: place), on: first)
            }
        }
        let second = try await TestNode(
            on: first.memory, clock: first.clock, files: files, journal: options)
        for place in 0..<40 {
            let tenant = "tenant-\(place)-" + String(repeating: "x", count: place)
            #expect(try await used(tenant, on: second) == 20, "\(tenant)")
        }
    }

    @Test("parts that the ledger could not take are taken later, each once")
    func manyParts() async throws {
        let test = try await TestNode()
        try await consume("busy", on: test)
        test.ledger.setFull(true)
        for _ in 0..<17_000 { try await consume("busy", on: test) }
        // Each look tries, and fails with as many parts as may wait.
        for _ in 0..<3 { _ = try await used("busy", on: test) }
        test.ledger.setFull(false)
        try await test.node.end()
        let accounts = await test.memory.accounts(of: TenantID(trusted: "busy"))
        #expect(accounts.map(\.account.posted).max() == 17_001)
        #expect(accounts.map(\.account.escrowed).max() == 0)
    }

    @Test("a stop folds everything, however much there is")
    func much() async throws {
        let first = try await TestNode()
        for _ in 0..<8_300 { try await consume("busy", on: first) }
        try await first.node.end()
        let accounts = await first.memory.accounts(of: TenantID(trusted: "busy"))
        #expect(accounts.map(\.account.posted).max() == 8_300)
        #expect(accounts.map(\.account.escrowed).max() == 0)
    }
}
