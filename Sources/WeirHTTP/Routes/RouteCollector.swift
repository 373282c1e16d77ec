import HTTPTypes
import Hummingbird

/// Gathers routes, so that they can be listed, left out on one listener, and told from a known path
/// with another method.
final class RouteCollector {
    /// One route.
    struct Route {
        let method: HTTPRequest.Method
        /// The path as OpenAPI writes it: `/api/admin/tenants/{id}`.
        let path: String
    }

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
        routes.append(Route(method: method, path: text))
        if let index = paths.firstIndex(where: { $0.path.description == text }) {
            paths[index].methods.append(method)
        } else {
            paths.append((path, [method]))
        }
    }

    /// Which methods the known paths take.
    var knownPaths: KnownPaths {
        KnownPaths(
            paths.map { path, methods in
                let allowed = methods.contains(.get) ? methods + [.head] : methods
                return (path.description, allowed.map(\.rawValue))
            })
    }
}

/// The paths that there are, with the methods that they take.
struct KnownPaths: Sendable {
    private let paths: [(segments: [Substring], methods: [String])]

    init(_ paths: [(path: String, methods: [String])]) {
        self.paths = paths.map { path, methods in
            (Self.segments(path), methods.sorted())
        }
    }

    /// The methods of a path; nil when there is no such path.
    func methods(of path: String) -> [String]? {
        let segments = Self.segments(path)
        let found = paths.first { known, _ in
            known.count == segments.count
                && zip(known, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return found?.methods
    }

    private static func segments(_ path: String) -> [Substring] { path.split(separator: "/") }
}
