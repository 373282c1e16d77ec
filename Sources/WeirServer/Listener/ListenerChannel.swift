import Gateway
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import WeirHTTP

/// What stands between a socket and the routes: TLS, HTTP/1.1, deadlines.
///
/// Requests of one connection are handled one after the other, so pipelined ones are answered in
/// their order.
struct ListenerChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: Responder
    let limits: ListenerLimits
    /// The certificate that new connections get; nil stands for plain HTTP.
    let certificate: ServedCertificate?
    /// What is answered before it comes to the routes.
    let answers: ImmediateAnswers
    /// What answers requests for inference; nil where there is no gateway.
    let gateway: Gateway?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(StallHandler(step: limits.stallTimeout))
            if let certificate {
                try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context))
            }
            let listener = ListenerHandler(limits: limits)
            try pipeline.addHandler(ArrivalHandler(listener))
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                // HTTPTypes has no values that would need it.
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: limits.decoder)
            try pipeline.addHandler(listener)
            if let gateway { try pipeline.addHandler(GatewayHandler(gateway)) }
            try pipeline.addHandler(DecisionHandler(answers: answers))
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: certificate != nil))
            try pipeline.addHandler(
                // It does not see what is answered before it: the listener looks for idleness.
                HTTPConnectionStateHandler(idleTimeout: nil, logger: logger))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: value, logger: logger)
    }
}
