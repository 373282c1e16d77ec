/// Whose use a limit counts.
public enum LimitScope: Hashable, Sendable {
    /// All use of an organization's tenants.
    case organization
    /// All use of a tenant.
    case tenant
    /// The use of one API key; nil in a plan: each key of the tenant by itself.
    case key(APIKeyID?)
    /// A tenant's use of one model.
    case model(ModelName)

    /// Whether it is the use of an API key, be it of each one by itself.
    public var isOfKey: Bool {
        if case .key = self { true } else { false }
    }
}

extension LimitScope: CustomStringConvertible {
    /// `org`, `tenant`, `key` or `model(gpt-small)`, as in the name of a limit.
    public var description: String {
        switch self {
        case .organization: "org"
        case .tenant: "tenant"
        case .key: "key"
        case .model(let name): "model(\(name.text))"
        }
    }
}
