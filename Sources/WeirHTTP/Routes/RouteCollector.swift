import HTTPTypes
import Hummingbird

/// Gathers routes, so that they can be listed, left out on one listener, and answered with 405
/// where the method is wrong.
final class RouteCollector {
    /// One route.
    struct Route {
        let method: HTTPRequest.Method
        /// The path as OpenAPI writes it: `/api/admin/tenants/{id}`.
        let path: String
    }

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    private let router: Router<APIContext>
    private let part: WeirAPI.Part
    private(set) var routes: [Route] = []
    private var paths: [(path: RouterPath, methods: [HTTPRequest.Method])] = []

    init(_ router: Router<APIContext>, part: WeirAPI.Part) {
        self.router = router
        self.part = part
    }

    /// Adds a route, unless it belongs to another listener.
    func on(
        _ path: RouterPath,
        method: HTTPRequest.Method,
        _ handler: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) {
        let text = path.description
        let isAdministrative = text.hasPrefix("/api/admin") || text == "/metrics"
        if part == .publicOnly, isAdministrative { return }
        router.on(path, method: method) { request, context in
            try await handler(request, context)
        }
        routes.append(Route(method: method, path: Self.openAPI(text)))
        if let index = paths.firstIndex(where: { $0.path.description == text }) {
            paths[index].methods.append(method)
        } else {
            paths.append((path, [method]))
        }
    }

    /// Answers all other methods of the known paths; call it last.
    func refuseOtherMethods() {
        for (path, methods) in paths {
            var allowed = methods
            if allowed.contains(.get) { allowed.append(.head) }
            let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.methods where !allowed.contains(method) {
                router.on(path, method: method) { _, _ in
                    var answer = APIAnswer(
                        Problem(.methodNotAllowed, "this path takes \(names)"))
                    answer.headers[.allow] = names
                    return answer.response
                }
            }
        }
    }

    private static func openAPI(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            .joined(separator: "/")
    }
}
