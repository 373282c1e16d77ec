/// What became of a request whose answer is too large to lie in memory.
package enum APIDownload: Sendable {
    /// All of the body was taken; header lines by their names in lower case.
    case complete(bytes: Int64, headers: [String: String])
    /// The server answered something else.
    case answer(APIAnswer)
    /// The answer did not arrive, or not whole. The text says why.
    case lost(String)
}
