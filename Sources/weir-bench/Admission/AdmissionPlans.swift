import QuotaLedger
import QuotaModel
import QuotaNode

/// The plans of the tenants whose requests are decided, and these tenants.
struct AdmissionPlans {
    let oneBudget = PlanID(trusted: "bench-one")
    let threeLimits = PlanID(trusted: "bench-three")
    let empty = PlanID(trusted: "bench-empty")
    let threeOfTenant = PlanID(trusted: "bench-three-of-tenant")
    private let node: QuotaNode
    private let meter = Meter.apiCalls.id
    private let model = ModelName(trusted: "gpt-small")

    init(_ node: QuotaNode) async throws {
        self.node = node
        let most = Amount.maximum
        try await put(oneBudget, [Limit(meter: meter, window: .month, quantity: most)])
        try await put(
            threeLimits,
            [
                Limit(meter: meter, window: .month, quantity: most),
                Limit(meter: meter, scope: .key(nil), window: .day, quantity: most),
                Limit(
                    meter: meter, scope: .model(model), window: .second, quantity: 1_000_000_000),
            ])
        try await put(
            threeOfTenant,
            [
                Limit(meter: meter, window: .month, quantity: most),
                Limit(meter: meter, window: .day, quantity: most),
                Limit(meter: meter, window: .second, quantity: 1_000_000_000),
            ])
        try await put(empty, [Limit(meter: meter, window: .month, quantity: 1)])
    }

    private func put(_ id: PlanID, _ limits: [Limit]) async throws {
        _ = try await node.put(Plan(id: id, name: id.text, weight: 1, limits: limits))
    }

    /// A request of each of so many new tenants; with a key and a model where that is asked for.
    func requests(
        _ plan: PlanID,
        _ count: Int,
        _ name: String,
        keys: Bool = false
    ) async throws -> [AdmissionRequest] {
        try await withThrowingTaskGroup(of: AdmissionRequest.self) { group in
            for number in 0..<count {
                group.addTask { try await request(plan, "\(name)-\(number)", hasKey: keys) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func request(
        _ plan: PlanID,
        _ name: String,
        hasKey: Bool
    ) async throws -> AdmissionRequest {
        let tenant = TenantID(trusted: name)
        _ = try await node.create(Tenant(id: tenant, plan: plan, createdAt: node.now))
        let key = hasKey ? try await node.create(NewKey(tenant: tenant, name: "bench")).key.id : nil
        return AdmissionRequest(
            DecisionRequest(
                tenant: tenant, key: key, charges: [Charge(meter: meter, amount: 1)],
                model: hasKey ? model : nil))
    }
}
