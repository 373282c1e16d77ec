import StrictJSON
import Testing

extension Client {
    func patch(_ path: String, _ body: JSONValue) async throws -> Reply {
        try await send("PATCH", path, bytes: body.encodedBytes)
    }

    func delete(_ path: String) async throws -> Reply {
        try await send("DELETE", path)
    }

    /// Every item of a list, read page by page.
    func items(of path: String, pageSize: Int = 1000) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var query = path + (path.contains("?") ? "&" : "?") + "limit=\(pageSize)"
        let first = query
        for _ in 0..<1000 {
            let page = try await get(query)
            #expect(page.status == 200, "\(query): \(page.text)")
            let found = page["items"]?.arrayValue ?? []
            #expect(found.count <= pageSize)
            items += found
            guard let cursor = page["next_cursor"]?.stringValue else { return items }
            query = "\(first)&cursor=\(cursor)"
        }
        Issue.record("\(path) has no last page")
        return items
    }

    func patchTenant(_ id: String, _ body: JSONValue) async throws -> Reply {
        try await patch("/api/admin/tenants/\(id.percentEncoded)", body)
    }

    func override(
        _ body: JSONValue,
        of tenant: String = "acme",
        on limit: String = "api_calls/month"
    ) async throws -> Reply {
        try await put(
            "/api/admin/tenants/\(tenant.percentEncoded)/overrides/\(limit)", body)
    }

    func reset(
        _ meter: String,
        _ window: String,
        tenant: String = "acme"
    ) async throws -> Reply {
        try await post(
            "/api/admin/tenants/\(tenant.percentEncoded)/reset",
            ["meter": .string(meter), "window": .string(window)])
    }

    func adjust(
        _ amount: Int64,
        _ meter: String,
        tenant: String = "acme",
        idempotencyKey: String? = nil
    ) async throws -> Reply {
        var body: JSONValue = [
            "tenant": .string(tenant), "meter": .string(meter), "amount": .integer(amount),
        ]
        if let idempotencyKey { body = body.with("idempotency_key", .string(idempotencyKey)) }
        return try await post("/api/admin/adjustments", body)
    }

    func periods(_ limit: (meter: String, window: String), of tenant: String = "acme")
        async throws -> [JSONValue]
    {
        try await items(
            of: "/api/admin/tenants/\(tenant.percentEncoded)/periods"
                + "?meter=\(limit.meter)&window=\(limit.window)")
    }

    func events(_ tenant: String = "acme", _ query: String = "") async throws -> [JSONValue] {
        try await items(of: "/api/admin/tenants/\(tenant.percentEncoded)/events?\(query)")
    }

    /// The audit entries of a query, newest first.
    func audit(_ query: String = "") async throws -> [JSONValue] {
        try await items(of: "/api/admin/audit?\(query)")
    }

    func importing(_ kind: String, _ items: [JSONValue], onConflict: String? = nil)
        async throws -> Reply
    {
        var body: JSONValue = ["kind": .string(kind), "items": .array(items)]
        if let onConflict { body = body.with("on_conflict", .string(onConflict)) }
        return try await post("/api/admin/import", body)
    }

    /// Creates a service key and answers its id and its text.
    func createServiceKey(_ body: JSONValue = ["name": "gateway"])
        async throws -> (id: String, text: String)
    {
        let reply = try await post("/api/admin/service-keys", body)
        #expect(reply.status == 201, "\(reply.text)")
        return (reply.string("id"), reply.string("key"))
    }
}
