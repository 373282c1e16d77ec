import NIOCore
import NIOHTTP1

/// What a connection to a backend tells the exchange that uses it.
enum UpstreamEvent {
    /// The head of the answer.
    case head(HTTPResponseHead)
    /// A part of the body.
    case body(ByteBuffer)
    /// What came with one read has been told.
    case readEnded
    /// The answer is whole.
    case end
    /// The connection is closed, or what came is no HTTP.
    case failed(UpstreamFailure)
}

/// Why an attempt at a backend came to nothing.
enum UpstreamFailure: Error, Hashable, Sendable {
    /// All backends that are well are full, or none is well.
    case noneFree(retryAfterSeconds: Int64)
    /// There is no connection: nothing was sent.
    case unreachable(String)
    /// The connection ended, or was none of HTTP, after the request was sent.
    case broken(String)
    /// An old connection was closed by the backend before it can have seen the request.
    case stale
    /// No word came in time.
    case timedOut
    /// The request has taken all the time that it may, however well the answer came.
    case outOfTime
    /// More came than was asked for, or may be: a cap was not heard of, whosever fault that is.
    case overrun
    /// The answer tells of an error: what it says.
    case reported(String)
    /// The answer says so.
    case status(Int, retryAfterSeconds: Int64?)
    /// The answer is not what it has to be.
    case garbage(String)
}
