import NIOCore

/// An answer that is not generated.
struct MockPage {
    private var status = 200
    private var type: StaticString = "application/json"
    private var retryAfter: Int?
    private var body: [UInt8] = []

    /// The error.
    init(_ refusal: MockRefusal, isTriton: Bool) {
        status = refusal.status
        retryAfter = refusal.retryAfterSeconds
        body = refusal.body(isTriton: isTriton)
    }

    /// What stands at a route that generates nothing.
    init(_ route: MockRoute, _ shared: MockShared) {
        let models = shared.settings.models
        let list = ModelList(models: models, created: shared.startSeconds)
        switch route {
        case .models: body = list.bytes
        case .model(let name):
            guard let bytes = list.bytes(of: name) else {
                self = MockPage(.unknownModel(name), isTriton: false)
                return
            }
            body = bytes
        case .metrics:
            type = "text/plain; version=0.0.4; charset=utf-8"
            body = Array(
                shared.statistics
                    .exposition(
                        models: models, maximumConcurrent: shared.settings.maximumConcurrent
                    )
                    .utf8)
        case .statistics(let withRequests):
            body = shared.statistics.json(withRequests: withRequests)
        case .health, .generate: body = []
        }
    }

    /// The whole answer.
    func bytes(_ head: MockHead) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: body.count + 256)
        head.write(
            status: status, type: type, length: body.count, retryAfter: retryAfter, into: &buffer)
        buffer.writeBytes(body)
        return buffer
    }
}
