extension RESPError {
    /// There is no connection, for the reason given.
    public static func unavailable(why: String) -> RESPError {
        RESPError(.unavailable, why)
    }

    /// What a server answered to a command.
    static func refused(_ reply: RESPErrorReply, by endpoint: RESPEndpoint) -> RESPError {
        RESPError(.refused, "Redis at \(endpoint) answered: \(reply)", reply: reply)
    }

    /// A call that may have been executed, since its connection ended.
    static func lost(_ cause: RESPError) -> RESPError {
        RESPError(
            .outcomeUnknown, "the connection ended before the answer came: \(cause.message)")
    }

    /// A call that was not written, since its connection ended.
    static func unwritten(_ cause: RESPError) -> RESPError {
        RESPError(.notSent, "the connection ended before the command was written: \(cause.message)")
    }

    static func late(_ endpoint: RESPEndpoint) -> RESPError {
        RESPError(.outcomeUnknown, "Redis at \(endpoint) did not answer before the deadline")
    }

    static let cancelledUnsent = RESPError(.notSent, "the call was cancelled before it was sent")
    static let cancelled = RESPError(
        .outcomeUnknown, "the call was cancelled before its answer came")
    static let lateUnsent = RESPError(
        .notSent, "the deadline passed before there was a connection to send the command on")
    static let notRunning = RESPError(.unavailable, "the client is not running")
    static let shutDown = RESPError(.unavailable, "the client was shut down")

    static func overloaded(most: Int) -> RESPError {
        RESPError(.overloaded, "\(most) calls are under way already, which is the most")
    }
}
