/// Who owns a connection and is told what becomes of it, on its event loop.
protocol RESPConnectionDelegate: AnyObject {
    /// The handshake is over: calls may be sent.
    func connection(_ connection: RESPConnection, isReady info: RESPServerInfo)
    /// A call has its answer, or will have none.
    func connection(
        _ connection: RESPConnection, finished call: Call, with result: Result<RESPValue, RESPError>
    )
    /// The server sent a message unasked.
    func connection(_ connection: RESPConnection, received message: [RESPValue])
    /// All that was read has been told: what it led to may be flushed.
    func connectionHasRead(_ connection: RESPConnection)
    /// The connection failed, or was closed; its calls are told of afterwards, once this returns.
    func connection(_ connection: RESPConnection, endedFor cause: RESPError)
}
