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

    /// How a person calls it: `tenant acme`.
    var title: String {
        guard kind == .override else { return "\(kind.rawValue) \(SafeText.line(id))" }
        return "override \(SafeText.line("\(text("meter"))/\(text("window"))")) of tenant "
            + SafeText.line(text("tenant"))
    }

    private func text(_ name: String) -> String { members[name]?.stringValue ?? "" }
}
