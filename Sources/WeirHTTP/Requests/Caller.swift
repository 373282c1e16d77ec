import HTTPTypes
import QuotaModel
import QuotaNode

/// Who sent a request.
enum Caller: Sendable {
    /// The administrator: decides for any tenant.
    case admin
    /// A tenant's API key: decides and reads for itself.
    case key(APIKey)

    /// The tenant whose things the caller may see; nil for all.
    var tenant: TenantID? {
        switch self {
        case .admin: nil
        case .key(let key): key.tenant
        }
    }
}

/// Finds out who sent a request.
struct Authenticator: Sendable {
    let node: QuotaNode
    let admin: AdminToken

    /// The caller; every bad credential gets the same answer.
    func caller(_ request: APIRequest) async throws(Problem) -> Caller {
        guard let token = bearer(request) else { throw .unauthorized }
        if admin.accepts(token) { return .admin }
        let key: APIKey?
        do {
            key = try await node.authenticate(token)
        } catch {
            throw Problem(error)
        }
        guard let key else { throw .unauthorized }
        return .key(key)
    }

    /// Lets only the administrator through.
    func requireAdmin(_ request: APIRequest) async throws(Problem) {
        guard case .admin = try await caller(request) else {
            throw .forbidden("this needs the admin token; an API key decides for its own tenant")
        }
    }

    private func bearer(_ request: APIRequest) -> String? {
        guard let field = request.head.headerFields[.authorization] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
