import StrictJSON
import Testing

extension Client {
    func createWebhook(_ body: JSONValue = ["id": "ops"]) async throws -> Reply {
        var body = body
        if body["url"] == nil { body = body.with("url", "https://hooks.example.com/weir") }
        return try await post("/api/admin/webhooks", body)
    }

    /// The deliveries to an endpoint, with a query.
    func deliveries(_ id: String = "ops", _ query: String = "") async throws -> [JSONValue] {
        try await items(of: "/api/admin/webhooks/\(id)/deliveries?\(query)")
    }

    func replay(_ body: JSONValue, to id: String = "ops") async throws -> Reply {
        try await post("/api/admin/webhooks/\(id)/replay", body)
    }
}
