import QuotaModel
import QuotaNode
import StrictJSON

/// The body of `consume`, `check` and `reserve`.
struct DecisionBody {
    /// The longest list of charges.
    static let maximumCharges = 64
    /// The longest idempotency key, in characters.
    static let maximumIdempotencyKeyCharacters = 255
    /// What a body without charges asks for: one call.
    static let defaultCharges = ChargeList(Charge(meter: Meter.apiCalls.id, amount: 1))

    /// Where the body stands in a larger one.
    let pointer: JSONPointer
    var tenant: TenantID?
    var key: APIKeyID?
    var list: ChargeList
    var model: ModelName?
    var plan: PlanID?
    var idempotencyKey: String?
    var metadata: String?
    var hold: DecisionRequest.Hold?

    init(
        _ json: JSONValue,
        reserves: Bool,
        at pointer: JSONPointer = .root
    ) throws(Problem) {
        self.pointer = pointer
        var body = try BodyReader(json, at: pointer)
        tenant = try body.identifier("tenant", TenantID.self)
        key = try body.identifier("key", APIKeyID.self)
        model = try body.identifier("model", ModelName.self)
        plan = try body.identifier("plan", PlanID.self)?.canonical
        list = try Self.charges(&body).flatMap { ChargeList($0) } ?? Self.defaultCharges
        idempotencyKey = try body.idempotencyKey()
        metadata = try body.metadata()
        if reserves { hold = try Self.hold(&body) }
        try body.finish()
    }

    /// What is charged; never empty.
    var charges: [Charge] { list.all }

    /// Who and what the body asks for: a tenant's key speaks for itself only.
    func question(_ caller: Caller) throws(Problem) -> DecisionRequest {
        let (tenant, key) = try caller.subject(
            tenant: tenant, key: key, missing: .missingTenant(at: pointer))
        return DecisionRequest(
            tenant: tenant, key: key, charges: charges, model: model, plan: plan,
            metadata: metadata, hold: hold)
    }

    /// The same as lanes take it; nil for what they don't take, and where ``question(_:)`` throws.
    @inline(__always)
    func laneRequest(_ caller: Caller) -> LaneRequest? {
        guard plan == nil, metadata == nil, hold == nil, idempotencyKey == nil, list.rest.isEmpty,
            let (tenant, key) = try? caller.subject(
                tenant: tenant, key: key, missing: .missingTenant(at: pointer))
        else { return nil }
        return LaneRequest(
            checking: tenant, key: key, model: model, first: list.first, second: list.second)
    }

    static func isIdempotencyKey(_ key: String) -> Bool {
        !key.isEmpty && key.unicodeScalars.count <= maximumIdempotencyKeyCharacters
            && !key.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// A list of charges, each of at least `minimum` units; nil when there is none.
    static func charges(
        _ body: inout BodyReader,
        minimum: Int64 = 1
    ) throws(Problem) -> [Charge]? {
        guard let values = try body.array("charges") else { return nil }
        guard (1...maximumCharges).contains(values.count) else {
            throw body.invalid("charges", "must have 1 to \(maximumCharges) elements")
        }
        var charges: [Charge] = []
        for (index, value) in values.enumerated() {
            var charge = try BodyReader(
                value, at: body.pointer.member("charges").element(index))
            let meter = try charge.required(
                try charge.identifier("meter", MeterID.self), "meter")
            let amount = try charge.required(
                try charge.integer("amount", in: minimum...Amount.maximum), "amount")
            try charge.finish()
            charges.append(Charge(meter: meter, amount: amount))
        }
        return charges
    }

    private static func hold(_ body: inout BodyReader) throws(Problem) -> DecisionRequest.Hold {
        let ttl = try body.integer("ttl_ms", in: 1...Reservation.maximumTTLMilliseconds)
        let onExpiry = try body.choice("on_expiry", Reservation.OnExpiry.self)
        return hold(ttl: ttl, onExpiry)
    }

    /// What is held, and for how long when the body does not say.
    static func hold(ttl: Int64?, _ onExpiry: Reservation.OnExpiry?) -> DecisionRequest.Hold {
        DecisionRequest.Hold(
            ttlMilliseconds: ttl ?? Reservation.defaultTTLMilliseconds,
            onExpiry: onExpiry ?? .suspect)
    }

    /// Metadata as it is kept: an object, compact.
    static func text(ofMetadata json: JSONValue) -> String {
        String(decoding: json.encodedBytes, as: UTF8.self)
    }
}

extension Problem {
    /// The body has to say for which tenant it asks.
    static func missingTenant(at pointer: JSONPointer) -> Problem {
        BodyReader.invalid(
            pointer.member("tenant"), "is required unless an API key asks")
    }
}

extension BodyReader {
    mutating func idempotencyKey() throws(Problem) -> String? {
        let key = try string("idempotency_key")
        if let key, !DecisionBody.isIdempotencyKey(key) {
            let most = DecisionBody.maximumIdempotencyKeyCharacters
            throw invalid(
                "idempotency_key", "must be 1 to \(most) characters without controls")
        }
        return key
    }

    /// An object, as it was sent but for white space and escapes.
    mutating func metadata() throws(Problem) -> String? {
        guard let value = value("metadata") else { return nil }
        guard value.objectValue != nil else { throw invalid("metadata", "must be an object") }
        return DecisionBody.text(ofMetadata: value)
    }
}
