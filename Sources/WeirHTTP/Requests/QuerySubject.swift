import QuotaModel
import QuotaNode
import StrictJSON

/// Whom a question in a URL is about.
struct QuerySubject: Sendable {
    /// The tenant.
    let tenant: TenantID
    /// The key whose limits count besides; nil for none.
    let key: APIKeyID?

    /// Writes both.
    func write(to writer: inout JSONWriter) {
        writer.member("tenant", tenant.text)
        writer.member("key", key?.text)
    }
}

extension APIRoutes {
    /// Whom the parameters `tenant` and `key` name, which are the last that are looked at.
    func subject(_ query: inout Query, of caller: Caller) throws(Problem) -> QuerySubject {
        let named = try query.identifier("tenant", TenantID.self)
        let namedKey = try query.identifier("key", APIKeyID.self)
        try query.finish()
        let (tenant, key) = try caller.subject(
            tenant: named, key: namedKey,
            missing: .invalidQuery("tenant", "is required unless an API key asks"))
        if case .key(let own, _) = caller, own.status(at: node.now) != .active {
            throw .forbidden("the key is suspended")
        }
        return QuerySubject(tenant: tenant, key: key)
    }
}
