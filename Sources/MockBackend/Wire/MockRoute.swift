/// Where a request goes.
package enum MockRoute: Sendable, Equatable {
    /// An answer that is generated, and the model if the path names it.
    case generate(MockEndpoint, model: String?)
    /// The list of models.
    case models
    /// One model.
    case model(String)
    /// A probe, which is always answered with 200.
    case health
    /// Figures for Prometheus.
    case metrics
    /// What was generated and for whom; optionally without the requests by their ids.
    case statistics(withRequests: Bool)

    /// Finds the route of a request.
    ///
    /// - Parameters:
    ///   - method: as it came, `POST`.
    ///   - target: the path with its query.
    /// - Throws: 404 or 405.
    package init(method: String, target: String) throws(MockRefusal) {
        let parts = target.split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first ?? ""
        let query = parts.count > 1 ? parts[1] : ""
        guard let route = Self.find(path, query) else { throw .notFound }
        let isRightMethod =
            switch route {
            case .generate: method == "POST"
            default: method == "GET" || method == "HEAD"
            }
        guard isRightMethod else { throw .wrongMethod }
        self = route
    }

    private static func find(_ path: Substring, _ query: Substring) -> MockRoute? {
        switch path {
        case "/v1/chat/completions": return .generate(.chat, model: nil)
        case "/v1/completions": return .generate(.completion, model: nil)
        case "/v1/embeddings": return .generate(.embedding, model: nil)
        case "/v1/responses": return .generate(.response, model: nil)
        case "/v1/models": return .models
        case "/health", "/v2/health/ready", "/v2/health/live": return .health
        case "/metrics": return .metrics
        case "/mock/statistics":
            return .statistics(withRequests: query != "requests=false")
        default: break
        }
        if path.hasPrefix("/v1/models/") {
            return .model(String(path.dropFirst("/v1/models/".count)))
        }
        return path.hasPrefix("/v2/models/") ? triton(path) : nil
    }

    /// `/v2/models/{model}/generate`, with `versions/{version}` in the middle if a client has one.
    private static func triton(_ path: Substring) -> MockRoute? {
        var parts = path.dropFirst("/v2/models/".count).split(separator: "/")[...]
        guard let verb = parts.popLast() else { return nil }
        if parts.count > 2, parts[parts.endIndex - 2] == "versions" { parts.removeLast(2) }
        guard !parts.isEmpty else { return nil }
        let model = parts.joined(separator: "/")
        switch verb {
        case "generate": return .generate(.tritonGenerate, model: model)
        case "generate_stream": return .generate(.tritonStream, model: model)
        case "infer": return .generate(.tritonInfer, model: model)
        case "ready": return .health
        default: return nil
        }
    }
}
