internal import NIOCore

/// Calls that wait for a connection, or to be tried again.
struct ParkedCalls<Call: PendingCall> {
    /// How many may wait.
    let capacity: Int
    /// Calls that are tried when something has changed.
    private var waiting: [Call] = []
    /// Calls that are tried again at a time.
    private var retries: [(at: NIODeadline, call: Call)] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many wait.
    var count: Int { waiting.count + retries.count }

    /// Lets a call wait for a change; false when too many do.
    mutating func wait(_ call: Call) -> Bool {
        guard count < capacity else { return false }
        waiting.append(call)
        return true
    }

    /// Lets a call wait for a time, or for its deadline if that is earlier; false when too many do.
    mutating func retry(_ call: Call, at time: NIODeadline) -> Bool {
        guard count < capacity else { return false }
        retries.append((min(time, call.deadline), call))
        return true
    }

    /// Something has changed: gives the calls that waited for it.
    mutating func takeWaiting() -> [Call] {
        defer { waiting = [] }
        return waiting
    }

    /// Gives the calls whose deadline has passed, and those that are to be tried again.
    mutating func timePassed(now: NIODeadline) -> (late: [Call], due: [Call]) {
        let due = retries.filter { $0.at <= now && $0.call.deadline > now }.map(\.call)
        let late =
            waiting.filter { $0.deadline <= now }
            + retries.filter { $0.call.deadline <= now }.map(\.call)
        waiting.removeAll { $0.deadline <= now }
        retries.removeAll { $0.at <= now }
        return (late, due)
    }

    /// When ``timePassed(now:)`` is to be called next; nil while nothing waits.
    var nextWake: NIODeadline? {
        let times = waiting.lazy.map(\.deadline).min()
        let again = retries.lazy.map(\.at).min()
        guard let times, let again else { return times ?? again }
        return min(times, again)
    }

    /// Gives up the calls with an id.
    mutating func cancel(_ id: UInt64) -> [Call] {
        let cancelled =
            waiting.filter { $0.id == id } + retries.map(\.call).filter { $0.id == id }
        waiting.removeAll { $0.id == id }
        retries.removeAll { $0.call.id == id }
        return cancelled
    }

    /// Gives up all calls.
    mutating func removeAll() -> [Call] {
        defer {
            waiting = []
            retries = []
        }
        return waiting + retries.map(\.call)
    }
}
