import QuotaTesting
import StrictJSON
import Testing

@Suite("mutated requests on the new routes")
struct FuzzEverywhereTests {
    private static let requests: [(method: String, path: String, body: String)] = [
        (
            "POST", "/api/v1/batch",
            #"{"operation":"consume","items":[{"tenant":"acme","idempotency_key":"k"},"#
                + #"{"tenant":"b","charges":[{"meter":"ai_tokens","amount":3}]}]}"#
        ),
        (
            "POST", "/api/v1/allocations",
            #"{"tenant":"acme","meter":"team_members","delta":1,"idempotency_key":"s"}"#
        ),
        ("POST", "/api/v1/allocations", #"{"tenant":"acme","meter":"projects","set":2}"#),
        (
            "PATCH", "/api/admin/tenants/acme",
            #"{"name":"x","plan":"starter","organization":"corp","time_zone":"Africa/Lagos","#
                + #""billing_anchor":"2026-01-31T00:00","status":"active"}"#
        ),
        ("PUT", "/api/admin/tenants/b", #"{"name":"x","billing_interval":"year"}"#),
        (
            "PUT", "/api/admin/tenants/acme/overrides/api_calls/month",
            #"{"limit":5,"expires_at":"2026-12-24T00:00:00Z","reason":"x"}"#
        ),
        (
            "PUT", "/api/admin/tenants/acme/overrides/ai_tokens/day",
            #"{"limit":null,"periods":999}"#
        ),
        ("POST", "/api/admin/tenants/acme/reset", #"{"meter":"api_calls","window":"month"}"#),
        (
            "PUT", "/api/admin/organizations/corp",
            #"{"name":"x","limits":[{"meter":"ai_tokens","window":"month","limit":500}]}"#
        ),
        ("POST", "/api/admin/service-keys", #"{"name":"x","expires_at":"2027-01-01T00:00:00Z"}"#),
        ("PUT", "/api/admin/meters/gpu", #"{"kind":"counter","record":"hourly"}"#),
        (
            "POST", "/api/admin/adjustments",
            #"{"tenant":"acme","meter":"ai_tokens","amount":-3,"idempotency_key":"a"}"#
        ),
        (
            "POST", "/api/admin/import",
            #"{"kind":"usage","items":[{"tenant":"acme","date":"2026-11-20","units":7,"#
                + #""last_request_at":"2026-11-20T10:00:00Z","source":"s"}]}"#
        ),
        (
            "POST", "/api/admin/import",
            #"{"kind":"keys","on_conflict":"update","items":[{"id":"k_1","tenant":"acme","#
                + #""name":"x","credential":{"public_id":"abcdefghijkl","digest":"00ff","#
                + #""pepper_version":1}}]}"#
        ),
        (
            "POST", "/api/admin/webhooks",
            #"{"id":"w","url":"https://hooks.example.com:8443/a?b=%20","tenant":"acme","#
                + #""events":["quota.reset"]}"#
        ),
        (
            "PATCH", "/api/admin/webhooks/w",
            #"{"url":"https://[2606:2800:21f::1]/","events":null,"status":"disabled"}"#
        ),
        ("POST", "/api/admin/webhooks/w/rotate", #"{"overlap_seconds":2592000}"#),
        (
            "POST", "/api/admin/webhooks/w/replay",
            #"{"since":"1677-09-21T00:12:44Z","after":"msg_1_1"}"#
        ),
        ("POST", "/api/admin/webhooks/w/replay", #"{"deliveries":["msg_zz_1","msg_1_zz"]}"#),
        ("POST", "/api/admin/suspect/node.1.1/resolve", #"{"used":3}"#),
    ]

    private static let queries = [
        "/api/v1/forward-auth?tenant=acme&meter=ai_tokens&amount=1&deny_status=403",
        "/api/admin/tenants/acme/usage?from=2026-11-01&to=2026-11-30&group_by=key&limit=2",
        "/api/admin/tenants/acme/events?from=2026-11-01T00:00:00Z&to=2026-11-30&cursor=AAAA",
        "/api/admin/tenants/acme/periods?meter=ai_tokens&window=month&cursor=eyJh",
        "/api/admin/audit?tenant=acme&action=tenant.create&cursor=MTI",
        "/api/admin/overrides?limit=1&cursor=YQ", "/api/admin/suspect?cursor=bm9kZS4x",
        "/api/admin/webhooks?limit=1&cursor=YQ",
        "/api/admin/webhooks/w/deliveries?state=dead&limit=2&cursor=MTI",
        "/api/admin/reservations?tenant=acme&cursor=MTIz", "/api/admin/organizations?cursor=Yg",
        "/api/admin/suspect/node.1.1", "/api/admin/service-keys/s_x", "/api/admin/meters/gpu",
    ]

    private static let pieces = [
        "\"", "{", "}", "[", "]", ",", ":", "null", "-1", "1e999", "\\u0000", "\\uD800", "0",
        "9007199254740991", "-9007199254740991", "99999999999999999999999", "\u{0}", "é", "\n",
        "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-21",
    ]

    private static let statuses = [
        200, 201, 204, 400, 401, 403, 404, 405, 409, 413, 422, 429,
    ]

    @Test("no body makes the server fail", arguments: [1, 20_261_121] as [UInt64])
    func bodies(seed: UInt64) async throws {
        let server = try await TestServer()
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            let request = Self.requests[Int.random(in: 0..<Self.requests.count, using: &random)]
            var body = Array(request.body.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                mutate(&body, using: &random)
            }
            let reply = try await server.admin.send(request.method, request.path, bytes: body)
            let text = "\(random): \(request.path) \(String(decoding: body, as: UTF8.self))"
            #expect(Self.statuses.contains(reply.status), "\(reply.status) \(text)")
            if reply.status >= 400 { expectProblem(reply, reply.status, "\(text)") }
        }
        for tenant in ["acme", "b"] {
            let usage = try await server.admin.usage(tenant)
            #expect([200, 404].contains(usage.status))
        }
    }

    @Test("no query makes the server fail", arguments: [1, 20_261_121] as [UInt64])
    func queries(seed: UInt64) async throws {
        let server = try await TestServer()
        _ = try await server.suspectReservation([(5, "ai_tokens")])
        _ = try await server.admin.override(["limit": 5])
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            let path = Self.queries[Int.random(in: 0..<Self.queries.count, using: &random)]
            let question = path.firstIndex { $0 == "?" } ?? path.endIndex
            var query = Array(path[question...].utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                mutate(&query, using: &random)
            }
            let text = String(path[..<question]) + printable(query)
            let reply = try await server.admin.get(text)
            #expect(Self.statuses.contains(reply.status), "\(random): \(reply.status) \(text)")
            if reply.status >= 400 { expectProblem(reply, reply.status, "\(random): \(text)") }
        }
    }

    /// The bytes as they may stand in a request line.
    private func printable(_ bytes: [UInt8]) -> String {
        bytes.reduce(into: "") { text, byte in
            let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "#")
            text +=
                isPlain
                ? String(UnicodeScalar(byte)) : String(UnicodeScalar(byte)).percentEncoded
        }
    }

    private func mutate(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.removeSubrange(place..<min(bytes.count, place + 3))
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: bytes = Array(bytes.prefix(place))
        default:
            let piece = Self.pieces.randomElement(using: &random) ?? ""
            bytes.insert(contentsOf: Array(piece.utf8), at: place)
        }
    }
}
