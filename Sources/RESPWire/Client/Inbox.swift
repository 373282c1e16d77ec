/// What was handed to an event loop and not looked at yet.
struct Inbox: Sendable {
    /// Room that is made at once.
    private static let room = 64

    var calls: [Call] = []
    var cancellations: [UInt64] = []
    /// Those who wait for the end of the client.
    var runners: [AsyncStream<Never>.Continuation] = []
    var isClosed = false
    private var isScheduled = false

    /// Whether the event loop must be woken; it was not, since it last looked.
    mutating func takeTurn() -> Bool {
        defer { isScheduled = true }
        return !isScheduled
    }

    /// Empties it.
    mutating func take() -> (calls: [Call], cancellations: [UInt64]) {
        isScheduled = false
        let taken = (calls, cancellations)
        calls = []
        calls.reserveCapacity(min(taken.0.count, Self.room))
        cancellations = []
        return taken
    }
}
