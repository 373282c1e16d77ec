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

    /// What commands call it: `acme`, or `ai_tokens/month` for an override of whatever tenant.
    var name: String { kind == .override ? "\(text("meter"))/\(text("window"))" : id }

    /// How a person calls it: `tenant acme`.
    var title: String {
        let title = "\(kind.rawValue) \(SafeText.line(name))"
        return kind == .override ? "\(title) of tenant \(SafeText.line(text("tenant")))" : title
    }

    private func text(_ name: String) -> String { members[name]?.stringValue ?? "" }
}
