import NIOCore

/// One connection that asks for a stream, reads it to its end, and asks again while there is time.
///
/// The bytes are not looked at but for the head and the end: a chunked body whose events end in
/// two line feeds has an empty line of CRLF nowhere but behind its last chunk.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// As much of a stream's end as is looked at, in bytes.
    private static let keptBytes = 2_048
    private static let end: [UInt8] = Array("\r\n\r\n".utf8)

    private let counter: StreamCounter
    private let request: ByteBuffer
    /// What must stand in the end of each stream.
    private let expected: [String]
    private let done: EventLoopPromise<Void>
    private var head = ByteBuffer()
    private var isInHead = true
    private var tail: [UInt8] = []
    private var isDone = false

    init(
        _ counter: StreamCounter, _ request: ByteBuffer, expected: [String],
        done: EventLoopPromise<Void>
    ) {
        self.counter = counter
        self.request = request
        self.expected = expected
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        counter.figures.reads += 1
        counter.figures.bytes += bytes.readableBytes
        do {
            if isInHead, try !readHead(&bytes) { return }
            keep(bytes)
            guard tail.suffix(Self.end.count).elementsEqual(Self.end) else { return }
            try checkEnd()
            counter.figures.ended += 1
            counter.figures.running -= 1
            if NIODeadline.now() < counter.deadline {
                begin(context)
            } else {
                finish(context, .success(()))
            }
        } catch {
            finish(context, .failure(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context, .failure(LoadFailure("the server closed a connection")))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(context, .failure(error))
    }

    private func begin(_ context: ChannelHandlerContext) {
        (isInHead, head) = (true, ByteBuffer())
        tail.removeAll(keepingCapacity: true)
        counter.figures.running += 1
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    /// Whether the head is complete; the rest of what came is then left in `bytes`.
    private func readHead(_ bytes: inout ByteBuffer) throws -> Bool {
        head.writeBuffer(&bytes)
        let found = try head.withUnsafeReadableBytes { try ResponseParser.head($0) }
        guard let found else { return false }
        guard found.status == 200 else {
            throw LoadFailure(
                "the server answered \(found.status) to a stream: " + String(buffer: head))
        }
        head.moveReaderIndex(forwardBy: found.bytes)
        bytes = head
        isInHead = false
        return true
    }

    private func keep(_ bytes: ByteBuffer) {
        let view = bytes.readableBytesView
        tail.append(contentsOf: view.suffix(Self.keptBytes))
        if tail.count > 4 * Self.keptBytes { tail.removeFirst(tail.count - Self.keptBytes) }
    }

    private func checkEnd() throws {
        let text = String(decoding: tail.suffix(Self.keptBytes), as: UTF8.self)
        for expected in expected where !text.contains(expected) {
            throw LoadFailure("a stream ended without \(expected): \(text)")
        }
    }

    private func finish(_ context: ChannelHandlerContext, _ result: Result<Void, any Error>) {
        guard !isDone else { return }
        isDone = true
        done.completeWith(result)
        context.close(promise: nil)
    }
}
