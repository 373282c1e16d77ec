public import NIOCore

/// What a subscriber is told.
public enum RESPSubscriptionEvent: Sendable, Hashable {
    /// The first connection stands, and the server was asked for the channels.
    case connected
    /// A connection stands again: messages of the time between may have been missed.
    case reconnected
    /// The connection ended, or could not be made; it is going to be tried again.
    case disconnected(cause: RESPError)
    /// A message that was published on a channel.
    case message(channel: String, payload: ByteBuffer)
}
