import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

/// The same requests at the same instants: on a node without limits that is asked afterwards what
/// a plan would have refused, and on a node that had the plan.
@Suite("a what-if says what a node with the plan says")
struct WhatIfDifferenceTests {
    /// What a limit refused: how many requests, units, and when.
    private struct Refused: Equatable {
        var requests: Int64 = 0
        var units: Int64 = 0
        var instants: [Timestamp] = []
    }

    private static let jobs = Meter(
        id: MeterID(trusted: "jobs"), kind: .counter, recording: .event)

    @Test(
        "row F: who a new plan would have refused, exactly",
        arguments: StoredNode.Kind.allCases, 1...8)
    func difference(kind: StoredNode.Kind, seed: Int) async throws {
        var random = SeededRandom(seed: UInt64(seed))
        let limits = Self.limits(&random)
        let free = try await StoredNode(kind, limits: [], meters: [Self.jobs])
        let bound = try await StoredNode(kind, limits: limits, meters: [Self.jobs])
        let start = free.clock.now
        var refused = limits.map { _ in Refused() }
        for node in [free, bound] {
            try await node.node.create(Tenant(id: StoredNode.tenant, createdAt: start))
        }
        var held: [(Reservation?, Reservation?)] = []
        for _ in 0..<120 {
            let pause = Self.pause(&random)
            for node in [free, bound] { node.clock.advance(nanoseconds: pause) }
            if held.count > 3 || (!held.isEmpty && Bool.random(using: &random)) {
                let (first, second) = held.removeFirst()
                try await Self.settle(first, on: free)
                try await Self.settle(second, on: bound)
                continue
            }
            let request = Self.request(&random)
            let before = bound.node.shadowRefusals.rows
            let admitted = try await Self.decide(request, on: free)
            let judged = try await Self.decide(request, on: bound)
            #expect(admitted.decision.isAllowed)
            Self.note(judged.decision, request, bound, before, limits, &refused)
            if request.hold != nil { held.append((admitted.reservation, judged.reservation)) }
        }
        for (first, second) in held {
            try await Self.settle(first, on: free)
            try await Self.settle(second, on: bound)
        }
        free.clock.advance(nanoseconds: 1)
        let report = try await free.node.whatIf(
            WhatIfQuestion(
                plan: Plan(id: .fallback, name: "Q", weight: 1, limits: limits), since: start))
        var found = limits.map { _ in Refused() }
        for row in report.rows {
            found[row.limit].requests = row.refused.requests
            found[row.limit].units = row.refused.units
            found[row.limit].instants = row.refused.instants
        }
        for index in limits.indices {
            refused[index].instants = Array(refused[index].instants.prefix(10))
            #expect(found[index] == refused[index], "\(random): \(limits[index].name)")
        }
        #expect(refused.contains { $0.requests > 0 }, "\(random) refused nothing")
    }

    /// What the node with the plan has refused, or would have in shadow mode.
    private static func note(
        _ decision: Decision,
        _ request: DecisionRequest,
        _ bound: StoredNode,
        _ before: [ShadowRefusals.Row],
        _ limits: [Limit],
        _ refused: inout [Refused]
    ) {
        let shadows = bound.node.shadowRefusals.rows
        for (index, limit) in limits.enumerated() {
            let count = shadows.first { $0.limit == limit.name }?.requests ?? 0
            let earlier = before.first { $0.limit == limit.name }?.requests ?? 0
            guard decision.violated.contains(limit.name) || count > earlier else { continue }
            refused[index].requests += 1
            refused[index].units += request.charges.first { $0.meter == limit.meter }?.amount ?? 0
            refused[index].instants.append(bound.clock.now)
        }
    }

    private static func decide(
        _ request: DecisionRequest,
        on node: StoredNode
    ) async throws -> DecisionOutcome {
        guard case .decided(let outcome, _) = try await node.node.decide(request) else {
            throw TestNode.UnexpectedReplay()
        }
        return outcome
    }

    private static func settle(_ reservation: Reservation?, on node: StoredNode) async throws {
        guard let reservation else { return }
        _ = try await node.node.settle(
            reservation.id, charges: reservation.held, tenant: StoredNode.tenant)
    }

    private static func limits(_ random: inout SeededRandom) -> [Limit] {
        let model = LimitScope.model(ModelName(trusted: "m"))
        let tokens = StoredNode.tokens
        let all = [
            Limit(meter: tokens, window: .day, quantity: 600),
            Limit(meter: tokens, window: .month, quantity: 1_500),
            Limit(meter: tokens, window: .minute, quantity: 120),
            Limit(meter: tokens, window: .hour, quantity: 600, burst: 150),
            Limit(meter: tokens, window: .second, quantity: 45),
            Limit(meter: tokens, scope: model, window: .week, quantity: 300),
            Limit(meter: tokens, scope: model, window: .minute, quantity: 60),
            Limit(meter: jobs.id, window: .day, quantity: 20),
            Limit(meter: jobs.id, window: .minute, quantity: 4),
        ]
        let chosen = all.shuffled(using: &random).prefix(Int.random(in: 2...5, using: &random))
        return chosen.map { limit in
            var limit = limit
            if Int.random(in: 0..<4, using: &random) == 0 { limit.mode = .shadow }
            if limit.window.kind == .budget, Bool.random(using: &random) {
                limit.rollover = try? Rollover(
                    cap: Bool.random(using: &random) ? .percent(50) : nil,
                    maxAgePeriods: Bool.random(using: &random) ? 1 : nil)
            }
            return limit
        }
    }

    private static func request(_ random: inout SeededRandom) -> DecisionRequest {
        let tokens = Charge(
            meter: StoredNode.tokens, amount: Int64.random(in: 1...50, using: &random))
        let job = Charge(meter: jobs.id, amount: Int64.random(in: 1...2, using: &random))
        let charges =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: [job]
            case 1: [tokens, job]
            default: [tokens]
            }
        return DecisionRequest(
            tenant: StoredNode.tenant, charges: charges,
            model: Bool.random(using: &random) ? ModelName(trusted: "m") : nil,
            hold: Int.random(in: 0..<4, using: &random) == 0
                ? DecisionRequest.Hold(ttlMilliseconds: 86_400_000, onExpiry: .void) : nil)
    }

    /// Never the same instant twice; mostly seconds, at times hours.
    private static func pause(_ random: inout SeededRandom) -> Int64 {
        let second: Int64 = 1_000_000_000
        return Int.random(in: 0..<12, using: &random) == 0
            ? Int64.random(in: 1...6, using: &random) * 3_600 * second
            : Int64.random(in: 1...20 * second, using: &random)
    }
}
