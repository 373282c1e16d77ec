import WeirClient

/// Creates tenants without limits and a key for each.
struct BenchTenants {
    let server: BenchServer

    private struct Tenant: Encodable {
        var id: String
        var name: String
        var plan = "enterprise"
        var reason = "bench"
    }

    private struct Key: Encodable {
        var tenant: String
        var name = "bench"
        var reason = "bench"
    }

    private struct KeyAnswer: Decodable {
        var key: String
    }

    /// The API keys of `count` new tenants.
    func create(_ count: Int) async throws -> [String] {
        try await APIClient.open(
            url: server.url, credential: server.adminToken, connections: 1, timeout: .seconds(10)
        ) { client in
            var keys: [String] = []
            for number in 1...count {
                let id = "bench-\(number)"
                _ = try await post(client, "/api/admin/tenants", Tenant(id: id, name: id))
                let answer = try await post(client, "/api/admin/keys", Key(tenant: id))
                keys.append(try answer.decode(KeyAnswer.self).key)
            }
            return keys
        }
    }

    private func post(
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
