/// The kinds of objects in a manifest, in the order in which they are applied.
enum ManifestKind: String, CaseIterable, Sendable {
    case meter
    case plan
    case organization
    case tenant
    case override

    /// The key of their list in a manifest.
    var listKey: String { rawValue + "s" }

    /// The members that one may have, with their kinds.
    var members: [(name: String, kind: MemberKind)] {
        switch self {
        case .meter: [("id", .text), ("kind", .text), ("record", .text)]
        case .plan: [("id", .text), ("name", .text), ("weight", .integer), ("limits", .limits)]
        case .organization:
            [
                ("id", .text), ("name", .text), ("limits", .limits), ("time_zone", .text),
                ("billing_anchor", .localTime), ("billing_interval", .text),
            ]
        case .tenant:
            [
                ("id", .text), ("name", .text), ("plan", .plan), ("organization", .text),
                ("time_zone", .text), ("billing_anchor", .localTime),
                ("billing_interval", .text), ("status", .text), ("currency", .text),
            ]
        case .override:
            [
                ("tenant", .text), ("meter", .text), ("window", .text), ("limit", .integer),
                ("expires_at", .instant), ("periods", .integer), ("reason", .text),
            ]
        }
    }

    /// The members of which null is a value: unlimited, none, or for ever.
    static let nullable: Set = [
        "organization", "billing_anchor", "limit", "expires_at", "reason",
    ]

    /// The members without which nobody knows what is meant; the server asks for those that a new
    /// one needs.
    var required: [String] {
        switch self {
        case .meter, .plan, .organization, .tenant: ["id"]
        case .override: ["tenant", "meter", "window", "limit"]
        }
    }

    /// The members of a limit in a plan or an organization.
    static let limitMembers: [(name: String, kind: MemberKind)] = [
        ("meter", .text), ("scope", .text), ("model", .text), ("window", .text),
        ("limit", .integer), ("burst", .integer), ("soft_percent", .integer), ("warn", .bool),
        ("mode", .text), ("on_unavailable", .text), ("rollover", .anything),
        ("thresholds", .anything),
    ]
}

/// What the value of a member is, and so how it is read and compared.
enum MemberKind: Sendable {
    /// A text; `no` and `1.10` are texts here too, whatever YAML takes them for.
    case text
    /// A plan's id, of which some have an alias.
    case plan
    /// A local time: `2026-01-31` is its midnight.
    case localTime
    /// A time with a zone: `2026-01-31T00:00:00+01:00` is one hour before that in UTC.
    case instant
    case integer
    case bool
    /// A list of limits.
    case limits
    /// Whatever JSON can say.
    case anything
}
