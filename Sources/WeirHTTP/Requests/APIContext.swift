public import Hummingbird
public import NIOCore

/// What a request carries besides itself: where it came from.
public struct APIContext: RequestContext, RemoteAddressRequestContext {
    /// What Hummingbird keeps with each request.
    public var coreContext: CoreRequestContextStorage
    /// The address of the other end of the connection; nil in tests without one.
    public let remoteAddress: SocketAddress?
    /// Done when the connection is closed.
    let connectionEnd: EventLoopFuture<Void>

    /// Creates the context of a request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
        connectionEnd = source.channel.closeFuture
    }
}
