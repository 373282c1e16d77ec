import StrictJSON

extension Client {
    func batch(
        _ operation: String,
        _ items: [JSONValue],
        headers: [String: String] = [:]
    ) async throws -> Reply {
        try await post(
            "/api/v1/batch", ["operation": .string(operation), "items": .array(items)],
            headers: headers)
    }

    func allocation(_ body: JSONValue, headers: [String: String] = [:]) async throws -> Reply {
        try await post("/api/v1/allocations", body, headers: headers)
    }

    /// Takes seats, or gives them back when `delta` is negative.
    func allocate(
        _ delta: Int64,
        _ meter: String = "team_members",
        tenant: String? = "acme"
    ) async throws -> Reply {
        try await allocation(.allocating("delta", delta, meter, tenant: tenant))
    }

    /// Sets how many seats are taken.
    func setAllocation(
        _ units: Int64,
        _ meter: String = "team_members",
        tenant: String? = "acme"
    ) async throws -> Reply {
        try await allocation(.allocating("set", units, meter, tenant: tenant))
    }

    func forwardAuth(_ query: String = "", headers: [String: String] = [:]) async throws -> Reply {
        try await send("GET", "/api/v1/forward-auth?\(query)", headers: headers)
    }
}

extension JSONValue {
    static func integer(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }

    /// The body of an allocation; `verb` is `delta` or `set`.
    static func allocating(
        _ verb: String,
        _ units: Int64,
        _ meter: String = "team_members",
        tenant: String? = "acme"
    ) -> JSONValue {
        var body: JSONValue = ["meter": .string(meter)]
        if let tenant { body = body.with("tenant", .string(tenant)) }
        return body.with(verb, .integer(units))
    }

    /// This object with a member set.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        var object = objectValue ?? JSONObject()
        object[name] = value
        return .object(object)
    }

    /// This object without a member.
    func without(_ name: String) -> JSONValue {
        var object = objectValue ?? JSONObject()
        object[name] = nil
        return .object(object)
    }

    /// The text of a member; empty when there is none.
    func string(_ name: String) -> String { self[name]?.stringValue ?? "" }

    /// The integer of a member; the least one when there is none.
    func integer(_ name: String) -> Int64 { self[name]?.integerValue ?? .min }
}
