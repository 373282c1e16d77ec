import StrictJSON

/// One operation of the document: a method on a path.
struct OpenAPIOperation: Sendable {
    /// The name in the document.
    let id: String
    /// For example `GET`.
    let method: String
    /// With the names of its parameters: `/api/admin/tenants/{id}`.
    let path: String
    /// Whether it needs a credential.
    let needsCredential: Bool
    /// What the body must be; nil where there is none.
    let body: JSONValue?
    /// The bodies that the document shows.
    let examples: [JSONValue]
    /// The path with the values that the document shows.
    let examplePath: String
    /// The documented answers by status; `4XX` stands for all that are not there themselves.
    let answers: [String: JSONValue]

    /// Whether only administrators may use it.
    var isAdministrative: Bool { path.hasPrefix("/api/admin/") }

    /// The entry for a status.
    func entry(for status: Int) -> String? {
        if answers[String(status)] != nil { return String(status) }
        let range = "\(status / 100)XX"
        return answers[range] == nil ? nil : range
    }

    /// Whether a path without its query is one of this operation's.
    func matches(_ method: String, _ path: some StringProtocol) -> Bool {
        guard method == self.method else { return false }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let wanted = self.path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == wanted.count
            && zip(parts, wanted).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }
}
