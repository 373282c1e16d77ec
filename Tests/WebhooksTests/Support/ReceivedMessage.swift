import NIOHTTP1

/// A request as a receiver has seen it.
struct ReceivedMessage: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    /// The number of the connection it came through, from 1.
    let connection: Int

    /// All values of a field.
    subscript(field: String) -> [String] { head.headers[field] }
}

/// What a receiver does with a request.
enum ReceiverReply: Sendable {
    /// It answers.
    case answer(Int, headers: [(String, String)] = [], body: String = "")
    /// It closes the connection without an answer.
    case close
    /// It never answers.
    case silence
    /// It answers with a body that has no end, as fast as it is read.
    case endless(Int)
    /// It answers with a body that stops half way.
    case stalled(Int)
}
