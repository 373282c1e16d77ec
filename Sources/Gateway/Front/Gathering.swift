import NIOCore
import NIOHTTP1

/// A request to the gateway while its body comes: decides what becomes of it.
struct Gathering {
    let head: HTTPRequestHead
    let route: GatewayRoute
    private(set) var body = ByteBuffer()
    /// Whether it is answered already, and the rest of its body is dropped.
    private(set) var isAnswered = false
    /// Who asks, while that is being found out or once it is known.
    var caller: GatewayCaller?
    private let maximumBytes: Int

    /// Begins with the head of a request.
    init(_ head: HTTPRequestHead, _ route: GatewayRoute, maximumBytes: Int) {
        self.head = head
        self.route = route
        self.maximumBytes = maximumBytes
    }

    /// What is wrong with the request by its head alone; nil when it is good.
    mutating func problem() -> GatewayProblem? {
        let problem = problemOfHead()
        if problem != nil { isAnswered = true }
        return problem
    }

    private func problemOfHead() -> GatewayProblem? {
        switch route {
        case .unknown:
            return .invalid(
                "there is no such path; the gateway has /v1/chat/completions, /v1/completions, "
                    + "/v1/embeddings, /v1/responses, /v1/models and Triton's "
                    + "/v2/models/{model}/generate, /generate_stream and /infer",
                status: 404, code: "unknown_url")
        case .wrongMethod(let allowed):
            var problem = GatewayProblem.invalid(
                "this path takes \(allowed)", status: 405, code: "method_not_allowed")
            problem.fields.append(("Allow", allowed))
            return problem
        case .models, .model: return nil
        case .inference: break
        }
        let credentials =
            head.headers.count(of: "authorization") + head.headers.count(of: "x-api-key")
        if credentials > 1 {
            return .invalid("send one credential: the request has \(credentials)")
        }
        let types = head.headers["content-type"]
        guard types.count == 1, Self.isJSON(types[0]) else {
            return .invalid(
                "the body must be JSON: send one field \"Content-Type: application/json\"",
                status: 415)
        }
        if head.headers.contains(name: "content-encoding") {
            return .invalid("send the body as it is, without Content-Encoding", status: 415)
        }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
            length > maximumBytes
        {
            return tooLarge
        }
        return nil
    }

    private static func isJSON(_ type: String) -> Bool {
        if type == "application/json" { return true }
        let name = type.split(separator: ";", maxSplits: 1).first ?? ""
        return name.lowercased().filter { $0 != " " } == "application/json"
    }

    /// It is answered before it has come whole.
    mutating func end() {
        isAnswered = true
        body = ByteBuffer()
    }

    private var tooLarge: GatewayProblem {
        .invalid("the body is larger than \(maximumBytes) bytes", status: 413)
    }

    /// Takes a part of the body.
    ///
    /// - Returns: what is wrong with it.
    mutating func receive(_ bytes: ByteBuffer) -> GatewayProblem? {
        if isAnswered { return nil }
        guard bytes.readableBytes <= maximumBytes - body.readableBytes else {
            end()
            return tooLarge
        }
        var bytes = bytes
        if body.readableBytes == 0 {
            body = bytes
            let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            if length > body.readableBytes { body.reserveCapacity(min(length, maximumBytes)) }
        } else {
            body.writeBuffer(&bytes)
        }
        return nil
    }
}

extension HTTPHeaders {
    /// How often a field comes.
    fileprivate func count(of name: String) -> Int { self[name].count }
}
