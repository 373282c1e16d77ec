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
                ("billing_boundaries", .localTimes),
            ]
        case .tenant:
            [
                ("id", .text), ("name", .text), ("plan", .plan), ("plan_at", .text),
                ("trial", .dated("ends_at")), ("scheduled_plan", .dated("at")),
                ("organization", .text),
                ("time_zone", .text), ("billing_anchor", .localTime),
                ("billing_interval", .text), ("billing_boundaries", .localTimes), ("status", .text),
                ("currency", .text),
            ]
        case .override:
            [
                ("tenant", .text), ("meter", .text), ("window", .text), ("limit", .integer),
                ("multiplier_percent", .integer), ("starts_at", .instant),
                ("expires_at", .instant), ("periods", .integer), ("author", .text),
                ("reason", .text),
            ]
        }
    }

    /// The members of which null is a value: unlimited, none, or for ever.
    static let nullable: Set = [
        "organization", "billing_anchor", "billing_boundaries", "limit", "expires_at", "reason",
        "trial",
        "scheduled_plan", "starts_at", "author", "cap", "max_age_periods",
    ]

    /// The members without which nobody knows what is meant; the server asks for those that a new
    /// one needs.
    var required: [String] {
        switch self {
        case .meter, .plan, .organization, .tenant: ["id"]
        case .override: ["tenant", "meter", "window"]
        }
    }

    /// The members of a limit in a plan or an organization.
    static let limitMembers: [(name: String, kind: MemberKind)] = [
        ("meter", .text), ("scope", .text), ("model", .text), ("window", .text),
        ("limit", .integer), ("burst", .integer), ("soft_percent", .integer), ("warn", .bool),
        ("mode", .text), ("on_unavailable", .text), ("rollover", .rollover),
        ("thresholds", .integers),
    ]

    /// The members of what says how much of a limit is carried.
    static let rolloverMembers: [(name: String, kind: MemberKind)] = [
        ("cap", .cap), ("max_age_periods", .integer), ("burn_order", .text),
        ("on_plan_change", .text), ("overage", .text),
    ]

    /// The forms of a cap, of which it has one.
    static let capMembers: [(name: String, kind: MemberKind)] = [
        ("units", .integer), ("percent", .integer), ("total", .integer),
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
    /// A list of such times; null is none.
    case localTimes
    /// A time with a zone: `2026-01-31T00:00:00+01:00` is one hour before that in UTC.
    case instant
    /// A plan and an instant of it, by the name of that: `{plan: team, at: 2027-01-01T00:00:00Z}`.
    case dated(String)
    case integer
    /// A list of integers.
    case integers
    case bool
    /// A list of limits.
    case limits
    case limit
    /// How much of a limit is carried.
    case rollover
    /// The most that is carried.
    case cap
    /// Whatever JSON can say.
    case anything
}
