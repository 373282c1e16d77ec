import NIOCore

/// What a connection sends next.
enum RequestSource: Sendable {
    /// These in turn until time is up; connections begin at different places.
    case cycle([ByteBuffer], until: NIODeadline)
    /// Numbers 0 up to a count, each once, over all connections.
    case each(Int, @Sendable (Int) -> ByteBuffer)
}
