import QuotaModel
import QuotaTesting
import Testing
import Weir

@Suite("whom a plan would have refused")
struct WhatIfTests {
    @Test("row F: what a new plan would have refused, by tenant and limit")
    func whatIf() async throws {
        let folder = try TestFolder()
        try await Weir.withOpen(folder.options()) { weir in
            let since = folder.clock.now
            for _ in 0..<3 {
                folder.clock.advance(by: .seconds(60))
                _ = try await weir.consume(
                    tenant: "acme", charges: [Charge(meter: .aiTokens, amount: 40)])
            }
            folder.clock.advance(by: .seconds(60))
            let limit = Limit(meter: .aiTokens, window: .month, quantity: 100)
            let plan = Plan(id: "free", name: "Free", weight: 1, limits: [limit])
            let answer = try await weir.whatIf(plan, since: since)
            #expect(answer.tenants == 1)
            #expect(answer.refusedTenants == 1)
            #expect(answer.refusedRequests == 1)
            #expect(answer.refusals.map(\.tenant) == ["acme"])
            #expect(answer.refusals.first?.limit == limit)
            #expect(answer.refusals.first?.units == 40)
            #expect(answer.refusals.first?.first == since.adding(nanoseconds: 180_000_000_000))
            #expect(!answer.isTruncated)
            #expect(!answer.notes.isEmpty)
            let none = try await weir.whatIf(plan, since: since, tenants: .onPlan("starter"))
            #expect(none.tenants == 0)
        }
    }

    @Test("what can't be meant is refused")
    func invalid() async throws {
        let folder = try TestFolder()
        try await Weir.withOpen(folder.options()) { weir in
            let plan = Plan(id: "new", name: "New", weight: 1, limits: [])
            let since = folder.clock.now.adding(nanoseconds: -1)
            func field(
                _ ask: () async throws(WeirError) -> Weir.WhatIf
            ) async -> String? {
                do { _ = try await ask() } catch { return error.field }
                return nil
            }
            let later = folder.clock.now
            #expect(
                await field { () async throws(WeirError) in
                    try await weir.whatIf(plan, since: later, tenants: .onPlan("free"))
                } == "since")
            #expect(
                await field { () async throws(WeirError) in
                    try await weir.whatIf(plan, since: since, limit: -1)
                } == "limit")
            #expect(
                await field { () async throws(WeirError) in
                    try await weir.whatIf(plan, since: since)
                } == "tenantsOf")
        }
    }
}
