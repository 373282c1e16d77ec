import WeirClient

/// A tenant on a plan of large budgets and a rate, with a key.
struct GatewayTenant: Sendable {
    /// What was booked of a meter.
    struct Booked: Decodable, Sendable {
        var meter: String
        var units: Int64
        var requests: Int64
    }

    private struct Plan: Encodable {
        struct Limit: Encodable {
            var meter: String
            var window: String
            var limit: Int64
        }

        var id = GatewayTenant.id
        var name = "Benchmark"
        var limits = [
            Limit(meter: "api_calls", window: "month", limit: 1_000_000_000_000),
            Limit(meter: "ai_tokens", window: "month", limit: 1_000_000_000_000_000),
            Limit(meter: "api_calls", window: "second", limit: 1_000_000),
        ]
        var reason = "bench"
    }

    private struct Tenant: Encodable {
        var id = GatewayTenant.id
        var name = "Benchmark"
        var plan = GatewayTenant.id
        var reason = "bench"
    }

    private struct Key: Encodable {
        var tenant = GatewayTenant.id
        var name = "bench"
        var reason = "bench"
    }

    private struct KeyAnswer: Decodable {
        var key: String
    }

    private struct Usage: Decodable {
        var items: [Booked]
    }

    private static let id = "bench"

    let server: BenchServer
    /// What callers give as their API key.
    let key: String

    /// Creates plan, tenant and key.
    init(server: BenchServer) async throws {
        self.server = server
        key = try await Self.client(server) { client in
            _ = try await Self.post(client, "/api/admin/plans", Plan())
            _ = try await Self.post(client, "/api/admin/tenants", Tenant())
            return try await Self.post(client, "/api/admin/keys", Key()).decode(KeyAnswer.self).key
        }
    }

    /// What is booked until now, by meter.
    func booked() async throws -> [String: Booked] {
        try await Self.client(server) { client in
            let path = "/api/admin/tenants/\(Self.id)/usage?group_by=meter"
            let answer = await client.send("GET", path)
            guard case .answer(let answer) = answer, answer.status == 200 else {
                throw LoadFailure("GET \(path) gave \(answer)")
            }
            let items = try answer.decode(Usage.self).items
            return Dictionary(items.map { ($0.meter, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    private static func client<Value: Sendable>(
        _ server: BenchServer, _ body: (APIClient) async throws -> Value
    ) async throws -> Value {
        try await APIClient.open(
            url: server.url, credential: server.adminToken, connections: 1, timeout: .seconds(10),
            body)
    }

    private static func post(
        _ client: APIClient, _ path: String, _ body: some Encodable
    ) async throws -> APIAnswer {
        switch await client.send("POST", path, json: try JSONBody.encode(body)) {
        case .answer(let answer) where answer.status == 201: return answer
        case .answer(let answer):
            throw LoadFailure("POST \(path) answered \(answer.status): \(answer.detail)")
        case .lost(let reason):
            throw LoadFailure("POST \(path) was not answered: \(reason)")
        }
    }
}
