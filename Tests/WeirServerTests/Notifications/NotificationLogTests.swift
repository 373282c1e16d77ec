import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@testable import WeirServer

/// Log lines of notifications, over the lives of a server.
@Suite("the log of notifications")
struct NotificationLogTests {
    private let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
    private let base: MemoryLedger
    private let ledger: CountingLedger
    private let lines = LineRecorder(of: "tenant")

    init() {
        base = MemoryLedger(clock: clock.read)
        ledger = CountingLedger(base)
    }

    /// Starts another life of the server's node.
    private func node() async throws -> QuotaNode {
        let random = SharedRandom(seed: 1)
        return try await QuotaNode(
            ledger: ledger, settings: NodeSettings(),
            peppers: [Pepper(version: 1, secret: Array(repeating: 7, count: 32))],
            journal: .inMemory(MemoryFiles()), clock: clock.read, steadyClock: clock.read,
            random: { random.next() })
    }

    /// Has it written that the trials of tenants end.
    private func tell(of tenants: String...) async throws {
        for id in tenants {
            var tenant = Tenant(id: TenantID(trusted: id), createdAt: clock.now)
            tenant.beginTrial(
                of: PlanID(trusted: "starter"),
                until: clock.now.adding(nanoseconds: 60_000_000_000),
                now: clock.now)
            _ = try await base.commit([.createTenant(tenant)])
            _ = try await base.sweep(
                SweepCommand(forgetAnswersBefore: .distantPast, maximumAnswers: 9))
        }
    }

    @Test("a first start begins with what is new")
    func firstStart() async throws {
        try await tell(of: "acme")
        let node = try await node()
        var log = NotificationLog(logger: lines.logger)
        try await log.go(on: node)
        #expect(lines.take().isEmpty)
        try await tell(of: "beta", "gamma")
        try await log.go(on: node)
        #expect(lines.take() == ["beta", "gamma"])
        try await log.go(on: node)
        #expect(lines.take().isEmpty)
    }

    @Test("what was written right before a crash is logged by the next life")
    func crash() async throws {
        var node = try await node()
        var log = NotificationLog(logger: lines.logger)
        try await log.go(on: node)
        // The first life had no time to look once more.
        try await tell(of: "acme", "beta")
        node = try await self.node()
        log = NotificationLog(logger: lines.logger)
        try await log.go(on: node)
        try await log.go(on: node)
        #expect(lines.take() == ["acme", "beta"])
        // The second one has kept where it was, a second later.
        clock.advance(by: .seconds(2))
        try await log.go(on: node)
        try await tell(of: "gamma")
        node = try await self.node()
        log = NotificationLog(logger: lines.logger)
        for _ in 0..<2 { try await log.go(on: node) }
        #expect(lines.take() == ["gamma"])
    }

    @Test("a life that ends in peace leaves nothing to be repeated")
    func peace() async throws {
        var node = try await node()
        var log = NotificationLog(logger: lines.logger)
        try await log.go(on: node)
        try await tell(of: "acme")
        try await log.go(on: node)
        #expect(lines.take() == ["acme"])
        await log.end(on: node)
        node = try await self.node()
        log = NotificationLog(logger: lines.logger)
        for _ in 0..<2 { try await log.go(on: node) }
        #expect(lines.take().isEmpty)
    }

    @Test("lines are written while the ledger can't keep how far they are")
    func full() async throws {
        let node = try await node()
        var log = NotificationLog(logger: lines.logger)
        try await log.go(on: node)
        ledger.setFull(true)
        for tenant in ["acme", "beta"] {
            clock.advance(by: .seconds(2))
            try await tell(of: tenant)
            try await log.go(on: node)
        }
        #expect(lines.take().filter { $0 != "-" } == ["acme", "beta"])
        ledger.setFull(false)
        clock.advance(by: .seconds(2))
        let before = ledger.calls
        try await log.go(on: node)
        #expect(ledger.calls == before + 1)
        #expect(lines.take().isEmpty)
    }

    @Test("the ledger is written to once in a second of logging, and not when nothing is logged")
    func writes() async throws {
        let node = try await node()
        var log = NotificationLog(logger: lines.logger)
        try await log.go(on: node)
        clock.advance(by: .seconds(10))
        var before = ledger.calls
        for _ in 0..<50 {
            clock.advance(by: .milliseconds(200))
            try await log.go(on: node)
        }
        #expect(ledger.calls == before)
        before = ledger.calls
        for number in 0..<50 {
            clock.advance(by: .milliseconds(200))
            try await tell(of: "tenant\(number)")
            try await log.go(on: node)
        }
        #expect(lines.take().count == 50)
        #expect((9...11).contains(ledger.calls - before), "\(ledger.calls - before)")
    }
}
