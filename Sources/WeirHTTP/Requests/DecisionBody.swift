import QuotaModel
import QuotaNode
import StrictJSON

/// The body of `consume`, `check` and `reserve`.
struct DecisionBody {
    /// The longest list of charges.
    static let maximumCharges = 64
    /// The longest idempotency key, in characters.
    static let maximumIdempotencyKeyCharacters = 255

    var tenant: TenantID?
    var key: APIKeyID?
    var charges: [Charge]
    var model: ModelName?
    var plan: PlanID?
    var idempotencyKey: String?
    var metadata: String?
    var hold: DecisionRequest.Hold?

    init(_ json: JSONValue, reserves: Bool) throws(Problem) {
        var body = try BodyReader(json)
        tenant = try body.identifier("tenant", TenantID.self)
        key = try body.identifier("key", APIKeyID.self)
        model = try body.identifier("model", ModelName.self)
        plan = try body.identifier("plan", PlanID.self)
        charges = try Self.charges(&body) ?? [Charge(meter: Meter.apiCalls.id, amount: 1)]
        idempotencyKey = try body.string("idempotency_key")
        if let key = idempotencyKey, !Self.isIdempotencyKey(key) {
            throw body.invalid(
                "idempotency_key",
                "must be 1 to \(Self.maximumIdempotencyKeyCharacters) characters without controls")
        }
        if let value = body.value("metadata") {
            guard value.objectValue != nil else {
                throw body.invalid("metadata", "must be an object")
            }
            metadata = String(decoding: value.encodedBytes, as: UTF8.self)
        }
        if reserves { hold = try Self.hold(&body) }
        try body.finish()
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
        return DecisionRequest.Hold(
            ttlMilliseconds: ttl ?? Reservation.defaultTTLMilliseconds,
            onExpiry: onExpiry ?? .suspect)
    }
}
