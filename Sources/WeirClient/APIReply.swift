/// What became of one request.
package enum APIReply: Sendable {
    /// The server answered.
    case answer(APIAnswer)
    /// Nobody knows whether the server acted: refused, reset, timed out. The text says which.
    case lost(String)
}
