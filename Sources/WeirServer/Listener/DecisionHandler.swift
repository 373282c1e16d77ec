import NIOCore
import NIOHTTP1
import WeirHTTP

/// Answers requests for decisions on the thread of their connection, where that needs nobody else.
///
/// Stands behind the listener's own handler, so that its deadlines hold here, too, and before
/// Hummingbird's codec, which costs as much as the decision. Answers stay in order: while the
/// routes owe an answer, everything goes to them.
final class DecisionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let answers: ImmediateAnswers
    private var collector = RequestCollector()
    private var date = HTTPDate()
    private var hasWritten = false

    init(answers: ImmediateAnswers) {
        self.answers = answers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch collector.receive(unwrapInboundIn(data), keeps: Self.mayAnswer) {
        case .keep: break
        case .pass: context.fireChannelRead(data)
        case .passAll(let parts): pass(parts, context)
        case .decide(let request):
            // Who sends without reading is held up by the routes, which wait for the channel.
            let answer =
                context.channel.isWritable
                ? answers.answer(
                    request.head.uri,
                    authorization: request.head.headers.first(name: "authorization"),
                    request.body) : nil
            if let answer {
                write(answer, context)
            } else {
                collector.passOn()
                pass(request.parts, context)
            }
        }
    }

    /// Whether a request may be answered here: its head says all that its body does not.
    private static func mayAnswer(_ head: HTTPRequestHead) -> Bool {
        guard head.method == .POST, ImmediateAnswers.knows(head.uri),
            let length = head.headers.first(name: "content-length").flatMap({ Int($0) })
        else { return false }
        return length <= ImmediateAnswers.maximumBodyBytes
            && !head.headers.contains(name: "idempotency-key")
            && !head.headers.contains(name: "expect") && hasOneCredential(head)
    }

    /// Whether there is one credential: of several, the routes say what is wrong.
    private static func hasOneCredential(_ head: HTTPRequestHead) -> Bool {
        let name = "authorization"
        return head.headers
            .count { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name } == 1
    }

    private func write(_ answer: ImmediateAnswer, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(answer.fields.count + 4)
        for field in answer.fields { headers.add(name: field.name, value: field.value) }
        headers.add(name: "Content-Length", value: String(answer.body.readableBytes))
        headers.add(name: "Date", value: date.text(answer.asOf))
        headers.add(name: "Server", value: "weir")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        hasWritten = true
    }

    private func pass(_ parts: [HTTPServerRequestPart], _ context: ChannelHandlerContext) {
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Who stops the server waits for requests that it knows of.
        if event is ChannelShouldQuiesceEvent { pass(collector.stop(), context) }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { collector.answered() }
        context.write(data, promise: promise)
    }
}
