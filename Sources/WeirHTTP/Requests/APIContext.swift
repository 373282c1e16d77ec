public import Hummingbird
public import NIOCore

/// What a request carries besides itself: where it came from.
public struct APIContext: RequestContext, RemoteAddressRequestContext {
    /// What Hummingbird keeps with each request.
    public var coreContext: CoreRequestContextStorage
    /// The address of the other end of the connection; nil in tests without one.
    public let remoteAddress: SocketAddress?

    /// Creates the context of a request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
