import NIOCore
import NIOHTTP1

/// Keeps the parts of a request together until it is whole: decides, and does nothing itself.
struct RequestCollector {
    /// A request that is whole.
    struct Whole {
        let head: HTTPRequestHead
        let body: ByteBuffer
        let parts: [HTTPServerRequestPart]
    }

    /// What to do with a part.
    enum Action {
        /// It is kept.
        case keep
        /// It goes on.
        case pass
        /// What was kept goes on with it.
        case passAll([HTTPServerRequestPart])
        /// The request is whole: decide it, or say that it goes on.
        case decide(Whole)
    }

    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    /// Requests that went on and are not answered.
    private var owed = 0
    private var isStopped = false

    /// Takes a part.
    ///
    /// - Parameters:
    ///   - part: the part.
    ///   - keeps: whether a request is of those that are kept, by its head.
    /// - Returns: what to do with it.
    mutating func receive(_ part: HTTPServerRequestPart, keeps: (HTTPRequestHead) -> Bool) -> Action
    {
        switch part {
        case .head(let head):
            guard owed == 0, !isStopped, keeps(head) else {
                owed += 1
                return .pass
            }
            self.head = head
            body.clear()
            return .keep
        case .body(var bytes):
            guard head != nil else { return .pass }
            if body.readableBytes == 0 { body = bytes } else { body.writeBuffer(&bytes) }
            return .keep
        case .end(let trailers):
            guard let head else { return .pass }
            let parts = take() + [.end(trailers)]
            guard trailers == nil else {
                owed += 1
                return .passAll(parts)
            }
            return .decide(Whole(head: head, body: body, parts: parts))
        }
    }

    /// Keeps nothing any more.
    ///
    /// - Returns: what was kept, which goes on.
    mutating func stop() -> [HTTPServerRequestPart] {
        isStopped = true
        if head != nil { owed += 1 }
        return take()
    }

    private mutating func take() -> [HTTPServerRequestPart] {
        guard let head else { return [] }
        self.head = nil
        return [.head(head)] + (body.readableBytes > 0 ? [.body(body)] : [])
    }

    /// A request that was whole went on.
    mutating func passOn() { owed += 1 }

    /// A request that went on is answered.
    mutating func answered() { owed = max(0, owed - 1) }
}
