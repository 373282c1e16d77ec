/// The JSON of the requests and answers a replay needs; see the HTTP API's documentation.
struct Charge: Encodable {
    var meter: String
    var amount: Int64

    /// What one request to a model costs.
    static func request(tokens: Int64) -> [Charge] {
        [Charge(meter: Meters.calls, amount: 1), Charge(meter: Meters.tokens, amount: tokens)]
    }
}

/// The meters a replay charges.
enum Meters {
    static let calls = "api_calls"
    static let tokens = "ai_tokens"
    static let all = [calls, tokens]
    /// How the meters of money begin; a currency follows.
    static let costPrefix = "cost_"
}

struct TenantBody: Encodable {
    var id: String
    var name: String
    var plan: String
    var reason = "replay"
}

struct ReserveBody: Encodable {
    var tenant: String
    var charges: [Charge]
    var timeToLiveMilliseconds = 3_600_000
    var idempotencyKey: String

    enum CodingKeys: String, CodingKey {
        case tenant
        case charges
        case timeToLiveMilliseconds = "ttl_ms"
        case idempotencyKey = "idempotency_key"
    }
}

struct SettleBody: Encodable {
    var charges: [Charge]
}

struct ReservationAnswer: Decodable {
    var reservationID: String

    enum CodingKeys: String, CodingKey {
        case reservationID = "reservation_id"
    }
}

struct RefusalAnswer: Decodable {
    struct DeniedBy: Decodable {
        var id: String
        var reason: String
    }

    var deniedBy: DeniedBy

    enum CodingKeys: String, CodingKey {
        case deniedBy = "denied_by"
    }
}
