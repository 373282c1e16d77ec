import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// The body of `allocations`.
struct AllocationBody {
    let tenant: TenantID?
    let key: APIKeyID?
    let plan: PlanID?
    let meter: MeterID
    let change: AllocateCommand.Change
    let idempotencyKey: String?
    let metadata: String?

    init(_ json: JSONValue) throws(Problem) {
        var body = try BodyReader(json)
        tenant = try body.identifier("tenant", TenantID.self)
        key = try body.identifier("key", APIKeyID.self)
        plan = try body.identifier("plan", PlanID.self)?.canonical
        meter = try body.required(try body.identifier("meter", MeterID.self), "meter")
        let delta = try body.integer("delta", in: -Amount.maximum...Amount.maximum)
        let set = try body.integer("set", in: 0...Amount.maximum)
        idempotencyKey = try body.idempotencyKey()
        metadata = try body.metadata()
        try body.finish()
        switch (delta, set) {
        case (nil, nil): throw body.invalid("delta", "or \"set\" is required")
        case (0?, nil): throw body.invalid("delta", "must not be 0")
        case (let delta?, nil): change = .delta(delta)
        case (nil, let set?): change = .set(set)
        default: throw body.invalid("set", "can't be combined with \"delta\"; send one of them")
        }
    }

    func question(_ caller: Caller) throws(Problem) -> DecisionRequest {
        let (tenant, key) = try caller.subject(
            tenant: tenant, key: key, missing: .missingTenant(at: .root))
        return DecisionRequest(
            tenant: tenant, key: key, charges: [], plan: plan, metadata: metadata)
    }
}
