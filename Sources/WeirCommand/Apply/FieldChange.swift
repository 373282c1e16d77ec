/// One member that differs, as a person reads it.
struct FieldChange: Equatable, Sendable {
    /// Which: `plan`, or `limits[tenant:ai_tokens/month].limit`.
    var name: String
    /// What the server has; nil where it has none.
    var old: String?
    /// What the manifest says; nil where it has none.
    var new: String?
}
