import NIOCore
import NIOHTTP1

/// What a connection may take of the server: time, bytes, places.
struct ListenerLimits: Sendable {
    /// From the first byte of a request, or the opening of the connection, to the end of its head;
    /// a TLS handshake counts.
    var headerTimeout = TimeAmount.seconds(10)
    /// From the end of a request's head to the end of its body.
    var bodyTimeout = TimeAmount.seconds(30)
    /// How long the other end may take none of the bytes that wait for it.
    var stallTimeout = TimeAmount.seconds(30)
    /// How long a connection may lie idle between two requests.
    var idleTimeout = TimeAmount.seconds(75)
    /// How long a refused client may go on sending, so that it gets to read why.
    var goodbyeTimeout = TimeAmount.seconds(2)
    /// The largest head of a request: its target and its fields.
    var maximumHeaderBytes = 32 * 1_024
    /// The most fields of a head.
    var maximumHeaderFields = 100
    /// The most connections of a listener; further ones wait.
    var maximumConnections = 10_000
}

extension ListenerLimits {
    /// What the decoder of HTTP/1.1 has to know of them.
    var decoder: NIOHTTPDecoderLimitConfiguration {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = maximumHeaderBytes
        configuration.maxHeaderListSize = maximumHeaderBytes
        configuration.maxHeaderFieldCount = maximumHeaderFields
        return configuration
    }
}
