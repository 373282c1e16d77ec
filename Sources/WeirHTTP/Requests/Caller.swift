import HTTPTypes
import QuotaModel
import QuotaNode

/// Who sent a request.
enum Caller: Sendable {
    /// The administrator: decides for any tenant.
    case admin
    /// The product itself, with a service key: decides for any tenant.
    case service(APIKey)
    /// A tenant's API key: decides and reads for itself.
    case key(APIKey, TenantID)

    /// The tenant whose things the caller may see; nil for all.
    var tenant: TenantID? {
        switch self {
        case .admin, .service: nil
        case .key(_, let tenant): tenant
        }
    }

    /// Whom a request is about: a tenant's key speaks for itself only, others have to say.
    ///
    /// `place` says where the names are missing or wrong.
    func subject(
        tenant named: TenantID?,
        key namedKey: APIKeyID?,
        missing: @autoclosure () -> Problem
    ) throws(Problem) -> (tenant: TenantID, key: APIKeyID?) {
        guard case .key(let own, let tenant) = self else {
            guard let named else { throw missing() }
            return (named, namedKey)
        }
        guard named == nil || named == tenant else {
            throw .forbidden("an API key speaks for its own tenant; leave out \"tenant\"")
        }
        guard namedKey == nil || namedKey == own.id else {
            throw .forbidden("an API key speaks for itself; leave out \"key\"")
        }
        return (tenant, own.id)
    }
}

/// Finds out who sent a request.
struct Authenticator: Sendable {
    let node: QuotaNode
    let admin: AdminToken
    let failures: FailureLimiter

    /// The caller; every bad credential gets the same answer.
    func caller(_ request: APIRequest) async throws(Problem) -> Caller {
        try await caller(bearer(request), request)
    }

    /// The caller, whose credential may also stand in `X-API-Key`.
    func forwardedCaller(_ request: APIRequest) async throws(Problem) -> Caller {
        try await caller(bearer(request) ?? request.head.headerFields[.apiKey], request)
    }

    private func caller(_ token: String?, _ request: APIRequest) async throws(Problem) -> Caller {
        guard let token else { throw .unauthorized }
        if let key = node.verifiedKey(token) { return try caller(key) }
        if admin.accepts(token) { return .admin }
        let found: APIKey?
        do {
            found = try await node.verify(token)
        } catch {
            throw Problem(error)
        }
        guard let found else { throw refusal(request.address) }
        return try caller(found)
    }

    private func caller(_ key: APIKey) throws(Problem) -> Caller {
        guard let tenant = key.tenant else {
            guard key.status(at: node.now) == .active else {
                throw .forbidden("the service key is suspended")
            }
            return .service(key)
        }
        return .key(key, tenant)
    }

    private func refusal(_ address: String) -> Problem {
        guard let seconds = failures.fail(address, now: node.now) else {
            return .unauthorized
        }
        var problem = Problem(
            .tooManyRequests, "too many bad credentials came from this address; wait a minute")
        problem.retryAfterSeconds = seconds
        return problem
    }

    /// Lets only the administrator through.
    func requireAdmin(_ request: APIRequest) async throws(Problem) {
        guard case .admin = try await caller(request) else {
            throw .forbidden("this needs the admin token; other keys decide and read")
        }
    }

    /// The caller, where that is known without asking; nil where it is not, or may not ask.
    func knownCaller(_ authorization: String?) -> Caller? {
        guard let token = Self.bearer(authorization), let key = node.verifiedKey(token) else {
            return nil
        }
        return try? caller(key)
    }

    /// A tenant's key, by a credential that does not have to stand in a request.
    ///
    /// - Parameters:
    ///   - token: the credential; nil when there is none.
    ///   - address: where it came from.
    /// - Returns: the key, which may be suspended.
    /// - Throws: the answer to a bad credential, and to one that is no tenant's.
    func tenantKey(_ token: String?, address: String) async throws(Problem) -> APIKey {
        guard let token else { throw .unauthorized }
        let found: APIKey?
        do {
            found = try await node.verify(token)
        } catch {
            throw Problem(error)
        }
        guard let found else { throw refusal(address) }
        guard found.tenant != nil else {
            throw .forbidden("a service key has no tenant; use a tenant's API key here")
        }
        return found
    }

    private func bearer(_ request: APIRequest) -> String? {
        Self.bearer(request.head.headerFields[.authorization])
    }

    static func bearer(_ field: String?) -> String? {
        guard let field else { return nil }
        if field.hasPrefix("Bearer "), !field.hasPrefix("Bearer  ") {
            return String(field.dropFirst(7))
        }
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
