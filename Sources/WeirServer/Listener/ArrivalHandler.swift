import NIOCore

/// Tells the listener that bytes have come, before the decoder has made anything of them, and
/// drops what nobody wants.
final class ArrivalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let listener: ListenerHandler

    init(_ listener: ListenerHandler) {
        self.listener = listener
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        let areBlank = bytes.allSatisfy { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
        if listener.received(areBlank: areBlank, now: context.eventLoop.now) {
            context.fireChannelRead(data)
        }
    }
}
