import LLMWire
import NIOHTTP1
import WeirHTTP

/// What a request to the gateway is for, by its method and path.
enum GatewayRoute: Hashable, Sendable {
    /// Work for a backend; Triton's paths name the model.
    case inference(Endpoint, model: String?)
    /// The models that there are.
    case models
    /// One model.
    case model(String)
    /// The path takes another method.
    case wrongMethod(allowed: String)
    /// There is no such path, among those that are the gateway's.
    case unknown

    /// The route of a request; nil when the path is not the gateway's.
    static func of(_ head: HTTPRequestHead) -> GatewayRoute? {
        let path =
            head.uri.utf8.firstIndex(of: UInt8(ascii: "?")).map { head.uri[..<$0] }
            ?? head.uri[...]
        if path.hasPrefix("/v1/") { return openAI(path.dropFirst(4), head.method) }
        if path.hasPrefix("/v2/models/") { return triton(path.dropFirst(11), head.method) }
        return nil
    }

    private static func openAI(_ path: Substring, _ method: HTTPMethod) -> GatewayRoute {
        switch path {
        case "chat/completions": post(.chatCompletions, method)
        case "completions": post(.completions, method)
        case "embeddings": post(.embeddings, method)
        case "responses": post(.responses, method)
        case "models": reads(method) ? .models : .wrongMethod(allowed: "GET")
        default: other(path, method)
        }
    }

    private static func other(_ path: Substring, _ method: HTTPMethod) -> GatewayRoute {
        guard path.hasPrefix("models/"),
            let name = PercentEncoding.decode(path.dropFirst(7)), !name.isEmpty
        else { return .unknown }
        return reads(method) ? .model(name) : .wrongMethod(allowed: "GET")
    }

    private static func reads(_ method: HTTPMethod) -> Bool { method == .GET || method == .HEAD }

    private static func triton(_ path: Substring, _ method: HTTPMethod) -> GatewayRoute {
        guard let slash = path.lastIndex(of: "/"),
            let name = PercentEncoding.decode(path[..<slash]), !name.isEmpty
        else { return .unknown }
        let endpoint: Endpoint
        switch path[path.index(after: slash)...] {
        case "generate": endpoint = .tritonGenerate
        case "generate_stream": endpoint = .tritonGenerateStream
        case "infer": endpoint = .tritonInfer
        default: return .unknown
        }
        return post(endpoint, method, model: name)
    }

    private static func post(
        _ endpoint: Endpoint,
        _ method: HTTPMethod,
        model: String? = nil
    ) -> GatewayRoute {
        method == .POST ? .inference(endpoint, model: model) : .wrongMethod(allowed: "POST")
    }
}
