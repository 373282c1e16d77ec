import NIOCore
import NIOHTTP1

/// The caller's side of an exchange: its connection, while it is there.
protocol ExchangeCaller: AnyObject {
    /// Whether more may be written without piling it up.
    var isWritable: Bool { get }

    /// Writes a part of the answer; nothing leaves before ``flushAnswer()``.
    func writeAnswer(_ part: HTTPServerResponsePart)

    /// Sends what was written.
    func flushAnswer()

    /// The answer is whole: the next request may begin.
    func answerEnded()
}
