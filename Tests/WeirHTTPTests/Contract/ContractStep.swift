import StrictJSON

/// A request with the status that it must get.
struct ContractRequest: Sendable {
    let method: String
    let path: String
    var body: JSONValue?
    var headers: [String: String] = [:]
    /// The name under which the credential was kept; nil for the administrator's.
    var credential: String?
    let status: Int
    /// What later steps need of the answer, by name.
    var keeps: [String: [JSONStep]] = [:]
}

/// A step of a chapter; `{name}` stands for what an earlier answer was kept for.
enum ContractStep: Sendable {
    /// Send it.
    case send(ContractRequest)
    /// Send the second while the first is being written.
    case during(ContractRequest, ContractRequest)
    /// Let something happen that no request can do.
    case happening(@Sendable (TestServer) async throws -> Void)

    static func get(
        _ path: String,
        as credential: String? = nil,
        headers: [String: String] = [:],
        _ status: Int,
        keeps: [String: [JSONStep]] = [:]
    ) -> ContractStep {
        .send(
            ContractRequest(
                method: "GET", path: path, headers: headers, credential: credential,
                status: status, keeps: keeps))
    }

    /// Without a body.
    static func post(_ path: String, _ status: Int) -> ContractStep {
        .send(ContractRequest(method: "POST", path: path, status: status))
    }

    static func post(
        _ path: String,
        _ body: JSONValue,
        as credential: String? = nil,
        headers: [String: String] = [:],
        _ status: Int,
        keeps: [String: [JSONStep]] = [:]
    ) -> ContractStep {
        .send(
            ContractRequest(
                method: "POST", path: path, body: body, headers: headers, credential: credential,
                status: status, keeps: keeps))
    }

    static func put(_ path: String, _ body: JSONValue, _ status: Int) -> ContractStep {
        .send(ContractRequest(method: "PUT", path: path, body: body, status: status))
    }

    static func patch(_ path: String, _ body: JSONValue, _ status: Int) -> ContractStep {
        .send(ContractRequest(method: "PATCH", path: path, body: body, status: status))
    }

    static func delete(_ path: String, _ status: Int) -> ContractStep {
        .send(ContractRequest(method: "DELETE", path: path, status: status))
    }

    /// The same request twice, the second while the first is being written.
    static func twice(_ path: String, _ body: JSONValue, _ statuses: (Int, Int)) -> ContractStep {
        .during(
            ContractRequest(method: "POST", path: path, body: body, status: statuses.0),
            ContractRequest(method: "POST", path: path, body: body, status: statuses.1))
    }
}

/// Steps on a server of their own, in order.
struct ContractChapter: Sendable {
    let name: String
    let steps: [ContractStep]
}
