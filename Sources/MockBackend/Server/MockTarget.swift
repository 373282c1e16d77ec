import NIOHTTP1

/// What the head of a request says.
struct MockTarget {
    /// Where it goes; nil when it is refused.
    private(set) var route: MockRoute?
    /// Why it is refused, if it is.
    private(set) var refusal: MockRefusal?
    /// How its answer is framed.
    private(set) var head = MockHead()
    /// What it asks to go wrong.
    private(set) var directive = MockDirective()
    /// Whether its body comes only when it is asked for.
    private(set) var expectsContinue = false

    init(_ request: HTTPRequestHead, _ shared: MockShared) {
        head.keepsAlive = request.isKeepAlive
        head.isChunked = (request.version.major, request.version.minor) >= (1, 1)
        do throws(MockRefusal) {
            let route = try MockRoute(method: request.method.rawValue, target: request.uri)
            self.route = route
            try read(request.headers, isGuarded: route.isGuarded, shared)
        } catch {
            refusal = error
        }
    }

    /// Whether it counts among the requests.
    var isGenerated: Bool { if case .generate? = route { true } else { false } }

    /// Whether its errors are Triton's.
    var isTriton: Bool {
        if case .generate(let endpoint, _)? = route { endpoint.isTriton } else { false }
    }

    private mutating func read(
        _ headers: HTTPHeaders,
        isGuarded: Bool,
        _ shared: MockShared
    ) throws(MockRefusal) {
        var isKnown = shared.authorization == nil || !isGuarded
        var fault: String?
        var tokens: Int64?
        var isTooLarge = false
        for (name, value) in headers {
            // Most headers are none of these: their length tells.
            switch name.utf8.count {
            case 6 where name.isHeader("expect"):
                expectsContinue = value.lowercased() == "100-continue"
            case 11 where name.isHeader("x-mock-fail"): fault = value
            case 12 where name.isHeader("x-request-id"):
                if value.utf8.count <= MockLimits.requestIDBytes { head.requestID = value }
            case 13 where name.isHeader("x-mock-tokens"): tokens = Int64(value) ?? 0
            case 13 where name.isHeader("authorization"):
                isKnown = isKnown || value == shared.authorization
            case 14 where name.isHeader("content-length"):
                isTooLarge = Int(value).map { $0 > MockLimits.bodyBytes } ?? true
            default: break
            }
        }
        if isTooLarge { throw .tooLarge }
        guard isKnown else { throw .unauthorized }
        try directive.add(fault: fault, tokens: tokens)
    }
}

extension MockRoute {
    /// Whether it needs the key, if there is one.
    fileprivate var isGuarded: Bool {
        switch self {
        case .generate, .models, .model: true
        case .health, .metrics, .statistics: false
        }
    }
}

extension String {
    /// Whether this is a header's name, in letters of any case.
    fileprivate func isHeader(_ lowercased: StaticString) -> Bool {
        let name = UnsafeBufferPointer(
            start: lowercased.utf8Start, count: lowercased.utf8CodeUnitCount)
        return utf8.elementsEqual(name) { byte, known in
            (0x41...0x5A).contains(byte) ? byte | 0x20 == known : byte == known
        }
    }
}
