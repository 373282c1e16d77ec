import StrictJSON

extension Client {
    func consume(_ body: JSONValue, headers: [String: String] = [:]) async throws -> Reply {
        try await post("/api/v1/consume", body, headers: headers)
    }

    /// Consumes units of one meter for a tenant.
    func consume(
        _ amount: Int64,
        _ meter: String,
        tenant: String? = "acme",
        model: String? = nil,
        key: String? = nil
    ) async throws -> Reply {
        try await consume(.charging(amount, meter, tenant: tenant, model: model, key: key))
    }

    func check(_ body: JSONValue) async throws -> Reply {
        try await post("/api/v1/check", body)
    }

    func reserve(_ body: JSONValue, headers: [String: String] = [:]) async throws -> Reply {
        try await post("/api/v1/reserve", body, headers: headers)
    }

    func settle(_ id: String, _ charges: JSONValue) async throws -> Reply {
        try await post("/api/v1/reservations/\(id)/settle", ["charges": charges])
    }

    func void(_ id: String) async throws -> Reply {
        try await post("/api/v1/reservations/\(id)/void", [:])
    }

    func reservation(_ id: String) async throws -> Reply {
        try await get("/api/v1/reservations/\(id)")
    }

    func usage(_ tenant: String = "acme") async throws -> Reply {
        try await get("/api/v1/usage?tenant=\(tenant)")
    }

    /// Creates or replaces a plan of these limits.
    func putPlan(_ id: String, _ limits: JSONValue) async throws -> Reply {
        try await put("/api/admin/plans/\(id)", ["limits": limits])
    }

    func createTenant(_ body: JSONValue) async throws -> Reply {
        try await post("/api/admin/tenants", body)
    }

    /// Creates a key and answers its id and its text.
    func createKey(
        of tenant: String = "acme",
        limits: JSONValue = []
    ) async throws -> (id: String, text: String) {
        let reply = try await post(
            "/api/admin/keys",
            ["tenant": .string(tenant), "name": "prod", "limits": limits])
        return (reply.string("id"), reply.string("key"))
    }
}

extension JSONValue {
    /// The body of a decision over one meter.
    static func charging(
        _ amount: Int64,
        _ meter: String,
        tenant: String? = "acme",
        model: String? = nil,
        key: String? = nil
    ) -> JSONValue {
        var body = JSONObject()
        if let tenant { body["tenant"] = .string(tenant) }
        if let key { body["key"] = .string(key) }
        if let model { body["model"] = .string(model) }
        body["charges"] = [.charge(amount, meter)]
        return .object(body)
    }

    static func charge(_ amount: Int64, _ meter: String) -> JSONValue {
        ["meter": .string(meter), "amount": .number(JSONNumber(amount))]
    }

    /// A limit of a plan or key.
    static func limit(
        _ quantity: Int64,
        _ meter: String,
        per window: String,
        model: String? = nil,
        scope: String? = nil
    ) -> JSONValue {
        var body = JSONObject()
        body["meter"] = .string(meter)
        body["window"] = .string(window)
        body["limit"] = .number(JSONNumber(quantity))
        if let model { body["model"] = .string(model) }
        if let scope { body["scope"] = .string(scope) }
        return .object(body)
    }
}
