import Foundation

/// A naive quota server without a network: enough of the HTTP API for a replay.
///
/// It shares nothing with the real one. Not durable, not fast, easy to see through.
struct StandInLedger: Sendable {
    struct Answer: Sendable, Equatable {
        var status: Int
        var body: String
        var isReplay = false
    }

    private struct Tenant {
        var settled = ["api_calls": Int64(0), "ai_tokens": 0]
        var held = ["api_calls": Int64(0), "ai_tokens": 0]
    }

    private struct Reservation {
        var tenant: String
        var amounts: [String: Int64]
        var isSettled = false
    }

    private let capacity: [String: Int64]
    private var tenants: [String: Tenant] = [:]
    private var reservations: [String: Reservation] = [:]
    private var stored: [String: Answer] = [:]
    /// Added to what is reported as used, to see that a check notices.
    var bias: Int64 = 0

    init(calls: Int64 = 1_000, tokens: Int64 = 100_000) {
        capacity = ["api_calls": calls, "ai_tokens": tokens]
    }

    /// Acts on one request and answers it.
    mutating func handle(_ method: String, _ uri: String, _ body: [UInt8]) -> Answer {
        let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        let path = uri.split(separator: "?")[0].split(separator: "/").map(String.init)
        switch (method, path.last ?? "") {
        case ("GET", "livez"), ("GET", "readyz"): return Answer(status: 200, body: "{}")
        case ("POST", "tenants"): return create(object)
        case ("POST", "reserve"): return reserve(object)
        case ("POST", "settle"): return settle(path[path.count - 2], object)
        case ("GET", "usage"):
            return uri.contains("/admin/") ? daily(uri) : usage(Self.query(uri)["tenant"] ?? "")
        default: return Answer(status: 404, body: #"{"detail":"no such path"}"#)
        }
    }

    private mutating func create(_ object: [String: Any]) -> Answer {
        guard let id = object["id"] as? String, object["reason"] is String else {
            return Answer(status: 422, body: #"{"detail":"id and reason"}"#)
        }
        guard tenants[id] == nil else { return Answer(status: 409, body: #"{"detail":"exists"}"#) }
        tenants[id] = Tenant()
        return Answer(status: 201, body: "{}")
    }

    private mutating func reserve(_ object: [String: Any]) -> Answer {
        guard let id = object["tenant"] as? String, let tenant = tenants[id],
            let key = object["idempotency_key"] as? String, object["ttl_ms"] is Int,
            let amounts = Self.amounts(object), amounts.values.allSatisfy({ $0 >= 1 })
        else { return Answer(status: 422, body: #"{"detail":"a wrong reservation"}"#) }
        if var answer = stored["\(id)/\(key)"] {
            answer.isReplay = true
            return answer
        }
        for (meter, amount) in amounts.sorted(by: { $0.key < $1.key }) {
            let used = tenant.settled[meter]! + tenant.held[meter]!
            if used + amount > capacity[meter]! {
                return Answer(
                    status: 429,
                    body: """
                        {"denied_by":{"id":"tenant:\(meter)/month","reason":"quota_exceeded"}}
                        """)
            }
        }
        for (meter, amount) in amounts { tenants[id]!.held[meter]! += amount }
        let reservation = "r_\(reservations.count + 1)"
        reservations[reservation] = Reservation(tenant: id, amounts: amounts)
        let answer = Answer(status: 201, body: #"{"reservation_id":"\#(reservation)"}"#)
        stored["\(id)/\(key)"] = answer
        return answer
    }

    private mutating func settle(_ id: String, _ object: [String: Any]) -> Answer {
        guard let reservation = reservations[id], let amounts = Self.amounts(object) else {
            return Answer(status: 404, body: #"{"detail":"no such reservation"}"#)
        }
        if reservation.isSettled { return Answer(status: 200, body: "{}", isReplay: true) }
        for (meter, amount) in reservation.amounts {
            tenants[reservation.tenant]!.held[meter]! -= amount
        }
        for (meter, amount) in amounts { tenants[reservation.tenant]!.settled[meter]! += amount }
        reservations[id]!.isSettled = true
        return Answer(status: 200, body: "{}")
    }

    private func usage(_ id: String) -> Answer {
        guard let tenant = tenants[id] else { return Answer(status: 404, body: "{}") }
        let limits = capacity.keys.sorted()
            .map { meter in
                let (settled, held) = (tenant.settled[meter]!, tenant.held[meter]!)
                return """
                    {"id":"tenant:\(meter)/month","meter":"\(meter)","scope":"tenant",\
                    "window":"month","limit":\(capacity[meter]!),"used":\(settled + held + bias),\
                    "held":\(held),"suspect":0,\
                    "remaining":\(max(0, capacity[meter]! - settled - held - bias))}
                    """
            }
        return Answer(
            status: 200,
            body: #"{"tenant":"\#(id)","limits":[\#(limits.joined(separator: ","))]}"#)
    }

    private func daily(_ uri: String) -> Answer {
        let query = Self.query(uri)
        guard let meter = query["meter"], let offset = query["offset"].flatMap({ Int($0) }) else {
            return Answer(status: 422, body: "{}")
        }
        // Small pages, so that a few tenants are enough to see paging.
        let all = tenants.keys.sorted()
        let page = all.dropFirst(offset).prefix(3)
        let values = page.map { id in
            let used = tenants[id]!.settled[meter]!
            return "\"\(id)\":" + (used >= capacity[meter]! ? "\"EXCEEDED\"" : "\(used)")
        }
        let next = offset + 3
        let more = next < all.count ? #","next_offset":\#(next)"# : ""
        return Answer(
            status: 200,
            body: """
                {"tenants":{\(values.joined(separator: ","))},\
                "statistics":{"truncated":\(next < all.count)\(more)}}
                """)
    }

    private static func amounts(_ object: [String: Any]) -> [String: Int64]? {
        guard let charges = object["charges"] as? [[String: Any]] else { return nil }
        var amounts: [String: Int64] = [:]
        for charge in charges {
            guard let meter = charge["meter"] as? String, let amount = charge["amount"] as? Int
            else { return nil }
            amounts[meter, default: 0] += Int64(amount)
        }
        return amounts
    }

    private static func query(_ uri: String) -> [String: String] {
        let items = URLComponents(string: uri)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }
}
