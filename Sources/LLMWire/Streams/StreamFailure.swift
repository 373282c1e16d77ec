/// What went wrong inside a stream that began well.
package enum StreamFailure: Error, Sendable, Hashable {
    /// The backend said so, in an event that the caller gets too; at most 1,024 bytes of it.
    case backendError(String)
    /// An event's data is no JSON object.
    case garbage
    /// An event is longer than ``StreamScanner/maximumEventBytes``.
    case tooLong
}
