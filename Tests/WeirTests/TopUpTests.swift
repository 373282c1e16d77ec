import QuotaModel
import QuotaTesting
import Testing
import Weir

@Suite("units on top of the limits of an embedded engine")
struct TopUpTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private func consume(_ amount: Int64, _ weir: Weir) async throws -> Decision {
        try await weir.consume(
            tenant: "acme", charges: [Charge(meter: .aiTokens, amount: amount)])
    }

    @Test("they can be used at once, stay until they are used, and go when they are revoked")
    func story() async throws {
        var id: TopUpID?
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            #expect(try await consume(100_000, weir).isAllowed)
            #expect(try await !consume(1, weir).isAllowed)
            let grant = try await weir.grantTopUp(
                500, tenant: "acme", meter: .aiTokens, window: .month, reason: "bought")
            #expect(grant.limit == "tenant:ai_tokens/month")
            #expect(grant.remaining == 500)
            #expect(try await consume(200, weir).isAllowed)
            #expect(try await !consume(301, weir).isAllowed)
            let grants = try await weir.grants(of: "acme")
            #expect(grants.map(\.id) == [grant.id])
            #expect(grants.map(\.remaining) == [300])
            guard case .topUp(let topUp) = grants[0].kind else {
                Issue.record("\(grants[0].kind)")
                return
            }
            #expect(topUp.granted == 500 && topUp.reason == "bought")
            #expect(topUp.priority == 50 && topUp.expiresAt == nil)
            id = grant.id
        }
        try await Weir.withOpen(folder.options()) { weir in
            #expect(try await weir.grants(of: "acme").map(\.remaining) == [300])
            try await weir.revokeTopUp(try #require(id), tenant: "acme", reason: "refunded")
            #expect(try await !consume(1, weir).isAllowed)
            let again = await #expect(throws: WeirError.self) {
                try await weir.revokeTopUp(try #require(id), tenant: "acme")
            }
            #expect(again?.code == .notFound)
        }
    }

    @Test("each call grants anew, and what has expired is gone")
    func expiry() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            let end = folder.clock.now.adding(nanoseconds: 3_600_000_000_000)
            for _ in 0..<2 {
                try await weir.grantTopUp(
                    10, tenant: "acme", meter: .aiTokens, window: .month, expiresAt: end)
            }
            #expect(try await weir.grants(of: "acme").count == 2)
            #expect(try await weir.remainingTokens(tenant: "acme") == 100_020)
            folder.clock.advance(by: .seconds(3_600))
            #expect(try await weir.remainingTokens(tenant: "acme") == 100_000)
        }
    }

    @Test("what can't be meant of units on top is refused, with its field")
    func invalid() async throws {
        let now = folder.clock.now
        func error(
            _ weir: Weir,
            units: Int64 = 1,
            tenant: TenantID = "acme",
            meter: MeterID = .aiTokens,
            window: Window = .month,
            priority: Int = 50,
            expiresAt: Timestamp? = nil
        ) async -> WeirError? {
            await #expect(throws: WeirError.self) {
                try await weir.grantTopUp(
                    units, tenant: tenant, meter: meter, window: window, priority: priority,
                    expiresAt: expiresAt)
            }
        }
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            #expect(await error(weir, units: 0)?.field == "units")
            #expect(await error(weir, units: -1)?.field == "units")
            #expect(await error(weir, units: Amount.maximum + 1)?.field == "units")
            #expect(await error(weir, priority: 101)?.field == "priority")
            #expect(await error(weir, priority: -1)?.field == "priority")
            #expect(await error(weir, expiresAt: now)?.field == "expiresAt")
            #expect(await error(weir, window: .minute)?.field == "window")
            #expect(await error(weir, meter: .projects, window: .none)?.field == "window")
            #expect(await error(weir, meter: "nothing")?.field == "meter")
            #expect(await error(weir, window: .year)?.code == .conflict)
            #expect(await error(weir, tenant: "globex")?.code == .notFound)
            #expect(try await weir.grants(of: "acme").isEmpty)
            let missing = await #expect(throws: WeirError.self) {
                try await weir.grants(of: "globex")
            }
            #expect(missing?.code == .notFound)
        }
    }
}
