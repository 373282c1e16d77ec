import QuotaTesting
import StrictJSON
import Testing

@Suite("mutated requests")
struct FuzzTests {
    private static let bodies = [
        #"{"tenant":"acme","charges":[{"meter":"api_calls","amount":1}],"model":"m","#
            + #""idempotency_key":"k","metadata":{"a":[1,2.5e3,null,true]}}"#,
        #"{"tenant":"acme","charges":[{"meter":"ai_tokens","amount":12}],"ttl_ms":1000,"#
            + #""on_expiry":"post"}"#,
        #"{"id":"x","limits":[{"meter":"api_calls","window":"day","limit":5,"burst":null}]}"#,
        #"{"id":"x","time_zone":"Africa/Lagos","billing_anchor":"2026-01-31T00:00"}"#,
    ]
    private static let paths = [
        "/api/v1/consume", "/api/v1/reserve", "/api/v1/check", "/api/admin/tenants",
        "/api/admin/plans", "/api/admin/keys", "/api/admin/quota/cache/warm",
    ]
    private static let pieces = [
        "\"", "{", "}", "[", "]", ",", ":", "null", "-1", "1e999", "\\u0000", "\\uD800",
        "9007199254740992", "99999999999999999999999", "\u{0}", "\u{7F}", "é", "\n", "0",
    ]

    @Test("no body makes the server fail: each is answered, and every error is a problem")
    func bodies() async throws {
        let server = try await TestServer()
        var random = SeededRandom(seed: 20_261_121)
        for _ in 0..<3000 {
            var body = Array((Self.bodies.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                mutate(&body, using: &random)
            }
            let path = Self.paths.randomElement(using: &random) ?? ""
            let reply = try await server.admin.send("POST", path, bytes: body)
            let text = "\(random): POST \(path) \(String(decoding: body, as: UTF8.self))"
            #expect([200, 201, 400, 404, 409, 422, 429].contains(reply.status), "\(text)")
            if reply.status >= 400 { expectProblem(reply, reply.status, "\(text)") }
        }
    }

    private func mutate(_ body: inout [UInt8], using random: inout SeededRandom) {
        let place = Int.random(in: 0...body.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: body.removeSubrange(place..<min(body.count, place + 3))
        case 1: body.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: body = Array(body.prefix(place))
        default:
            let piece = Self.pieces.randomElement(using: &random) ?? ""
            body.insert(contentsOf: Array(piece.utf8), at: place)
        }
    }
}
