import QuotaTesting
import Testing
import Weir

@Suite("decisions of an embedded engine")
struct DecisionTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test("a check charges and creates nothing, a command charges one call")
    func checkAndRecord() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            let before = try await weir.checkQuota(tenant: "acme", plan: "starter")
            #expect(before.isAllowed)
            #expect(before.limits[0].limit == 50_000)
            #expect(before.limits[0].used == 0)
            await #expect(throws: WeirError.self) { try await weir.tenant("acme") }
            let recorded = try await weir.recordCommand(tenant: "acme", plan: "starter")
            #expect(recorded.isAllowed)
            #expect(recorded.plan == "starter")
            #expect(recorded.limits[0].used == 1)
            #expect(try await weir.checkQuota(tenant: "acme").limits[0].used == 1)
        }
    }

    @Test("the last unit goes once, and a refusal is a value that charges nothing anywhere")
    func refusal() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            let all = try await weir.consume(
                tenant: "acme", charges: [Charge(meter: .aiTokens, amount: 99_999)],
                model: "gpt-small", metadata: ["trace": "a\"b"])
            #expect(all.isAllowed)
            let refused = try await weir.consume(
                tenant: "acme",
                charges: [
                    Charge(meter: .apiCalls, amount: 1), Charge(meter: .aiTokens, amount: 2),
                ])
            #expect(!refused.isAllowed)
            #expect(refused.deniedBy?.limitID == "tenant:ai_tokens/month")
            #expect(refused.deniedBy?.available == 1)
            #expect(refused.deniedBy?.upgrade?.plan == "starter")
            let usage = try await weir.usage(of: "acme")
            #expect(usage.limits.first { $0.meter == .apiCalls }?.used == 0)
            #expect(usage.limits.first { $0.meter == .aiTokens }?.used == 99_999)
        }
    }

    @Test("without enforcement everything is allowed, and recorded")
    func unenforced() async throws {
        var options = folder.options()
        options.isEnforced = false
        try await Weir.withOpen(options) { weir in
            let decision = try await weir.consume(
                tenant: "acme", charges: [Charge(meter: .apiCalls, amount: 1_001)])
            #expect(decision.isAllowed)
            #expect(!decision.isEnforced)
            #expect(try await weir.usage(of: "acme").limits[0].used == 1_001)
        }
    }

    @Test("tenants are not created where the options say so")
    func unknownTenant() async throws {
        var options = folder.options()
        options.createsTenants = false
        try await Weir.withOpen(options) { weir in
            let error = await #expect(throws: WeirError.self) {
                try await weir.recordCommand(tenant: "acme")
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test("charges that can't be meant are errors that name the place")
    func invalidCharges() async throws {
        let call = Charge(meter: .apiCalls, amount: 1)
        let cases: [(charges: [Charge], field: String)] = [
            ([], "charges"),
            (Array(repeating: call, count: 65), "charges"),
            ([call, Charge(meter: .apiCalls, amount: 0)], "charges[1].amount"),
            ([Charge(meter: .apiCalls, amount: -5)], "charges[0].amount"),
            ([Charge(meter: .apiCalls, amount: Amount.maximum + 1)], "charges[0].amount"),
            ([Charge(meter: "gpu_seconds", amount: 1)], "charges[0].meter"),
            ([call, Charge(meter: .projects, amount: 1)], "charges[1].meter"),
        ]
        try await Weir.withOpen(folder.options()) { weir in
            for (charges, field) in cases {
                for step in 0..<3 {
                    let error = await #expect(throws: WeirError.self) {
                        switch step {
                        case 0: _ = try await weir.consume(tenant: "acme", charges: charges)
                        case 1: _ = try await weir.checkQuota(tenant: "acme", charges: charges)
                        default: _ = try await weir.reserve(tenant: "acme", charges: charges)
                        }
                    }
                    #expect(error?.code == .invalid)
                    #expect(error?.field == field)
                }
            }
        }
    }

    @Test("too much metadata is refused")
    func metadata() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            let error = await #expect(throws: WeirError.self) {
                try await weir.consume(
                    tenant: "acme", metadata: ["text": String(repeating: "a", count: 65_536)])
            }
            #expect(error?.field == "metadata")
        }
    }

    @Test("seats are taken, refused and released")
    func allocations() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            #expect(
                try await weir.allocate(tenant: "acme", meter: .teamMembers, delta: 3).isAllowed)
            let fourth = try await weir.allocate(tenant: "acme", meter: .teamMembers, delta: 1)
            #expect(fourth.deniedBy?.limitID == "tenant:team_members/none")
            #expect(
                try await weir.allocate(tenant: "acme", meter: .teamMembers, delta: -1).isAllowed)
            #expect(
                try await weir.allocate(tenant: "acme", meter: .teamMembers, delta: 1).isAllowed)
            let error = await #expect(throws: WeirError.self) {
                try await weir.allocate(tenant: "acme", meter: .teamMembers, delta: -4)
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test("many tasks at once never take more than there is")
    func concurrency() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var admitted = 0
                        for _ in 0..<150
                        where try await weir.recordCommand(tenant: "acme").isAllowed {
                            admitted += 1
                        }
                        return admitted
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(admitted == 1_000)
            #expect(try await weir.usage(of: "acme").limits[0].used == 1_000)
        }
    }
}
