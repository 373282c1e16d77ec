import HTTPTypes
import NIOCore
import NIOHTTPTypes
import QuotaModel
import WeirHTTP

/// Answers requests for decisions on the thread of their connection, where that needs nobody else.
///
/// Stands last in the pipeline, so that deadlines, timeouts and the order of a graceful stop hold
/// for its answers as for all others. Answers stay in order: while the routes owe an answer,
/// everything goes to them.
final class DecisionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let answers: ImmediateAnswers
    private var collector = RequestCollector()
    private var date = HTTPDate()
    private var hasWritten = false

    init(answers: ImmediateAnswers) {
        self.answers = answers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch collector.receive(unwrapInboundIn(data), keeps: ImmediateAnswers.mayAnswer) {
        case .keep: break
        case .pass: context.fireChannelRead(data)
        case .passAll(let parts): pass(parts, context)
        case .decide(let request):
            guard let answer = answers.answer(request.head, request.body) else {
                collector.passOn()
                return pass(request.parts, context)
            }
            var head = answer.head
            head.headerFields.append(
                HTTPField(name: .contentLength, value: String(answer.body.readableBytes)))
            head.headerFields.append(HTTPField(name: .date, value: date.text(answer.at)))
            head.headerFields.append(HTTPField(name: .server, value: "weir"))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
            hasWritten = true
        }
    }

    private func pass(_ parts: [HTTPRequestPart], _ context: ChannelHandlerContext) {
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { collector.answered() }
        context.write(data, promise: promise)
    }
}
