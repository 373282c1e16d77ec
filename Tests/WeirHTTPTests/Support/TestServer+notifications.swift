import QuotaNode
import StrictJSON

extension TestServer {
    /// What was told so far, the oldest first.
    func notifications(_ query: String = "") async throws -> [JSONValue] {
        try await node.fold()
        return try await admin.items(of: "/api/admin/notifications?\(query)")
    }
}
