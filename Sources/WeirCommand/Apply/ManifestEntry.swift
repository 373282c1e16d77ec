import StrictJSON

/// One object that a manifest asks for.
struct ManifestEntry: Equatable, Sendable {
    var kind: ManifestKind
    /// The line on which it stands.
    var line: Int
    /// The members that the manifest names, in their order.
    var members: JSONObject

    /// The id; empty for an override, whose name is its place.
    var id: String { members["id"]?.stringValue ?? "" }

    /// The path of the object below `/api/admin`.
    var path: [String] {
        guard kind == .override else { return [kind.listKey, id] }
        return ["tenants", text("tenant"), "overrides", text("meter"), text("window")]
    }

    /// The start that tells an override from others of the same limit; nil for the one without.
    var startsAt: String? { kind == .override ? members["starts_at"]?.stringValue : nil }

    /// Asks for what the server has of it.
    var lookup: Call { Call(.get, ["api", "admin"] + path).asking("starts_at", startsAt) }

    /// What commands call it: `acme`, or `ai_tokens/month` for an override of whatever tenant.
    var name: String { kind == .override ? "\(text("meter"))/\(text("window"))" : id }

    /// How a person calls it: `tenant acme`.
    var title: String {
        let title = "\(kind.rawValue) \(SafeText.line(name))"
        guard kind == .override else { return title }
        let from = startsAt.map { " from \(SafeText.line($0))" } ?? ""
        return "\(title) of tenant \(SafeText.line(text("tenant")))\(from)"
    }

    private func text(_ name: String) -> String { members[name]?.stringValue ?? "" }
}
