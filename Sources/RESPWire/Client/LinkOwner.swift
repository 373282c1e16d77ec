/// Who is told what becomes of a link, on its event loop.
protocol LinkOwner: AnyObject {
    /// Why a server that was just greeted will not do; nil where it will.
    func link(_ link: Link, refuses info: RESPServerInfo) -> RESPError?
    /// Calls may be sent.
    func link(_ link: Link, isReady info: RESPServerInfo)
    /// The connection ended, or could not be made; it is going to be tried again.
    func link(_ link: Link, failedFor cause: RESPError, wasReady: Bool)
    /// A call has its answer, or will have none.
    func link(
        _ link: Link, finished call: Call, with result: Result<RESPValue, RESPError>,
        at endpoint: RESPEndpoint)
    /// The server sent a message unasked.
    func link(_ link: Link, received message: [RESPValue])
    /// What was read has been told.
    func linkHasRead(_ link: Link)
}
