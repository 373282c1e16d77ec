public import NIOCore

/// What a subscriber is told.
public enum RESPSubscriptionEvent: Sendable, Hashable {
    /// The first connection stands, and the server has confirmed all channels.
    case connected
    /// A connection stands again, and the server has confirmed all channels.
    ///
    /// Messages of the time between may have been missed; whatever is read from now on is followed
    /// by messages about its changes.
    case reconnected
    /// The server has confirmed a channel: messages come from now on.
    case subscribed(channel: String)
    /// The connection ended, or could not be made; it is going to be tried again.
    case disconnected(cause: RESPError)
    /// A message that was published on a channel.
    case message(channel: String, payload: ByteBuffer)
}
