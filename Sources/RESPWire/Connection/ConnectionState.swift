internal import NIOCore

/// The state of a connection: which calls wait for their replies, in the order of the replies.
///
/// Redis answers in the order of the commands, and cannot be told to leave one out. A call that is
/// given up therefore keeps its place in the queue, and the reply that comes for it is dropped.
struct ConnectionState<Call: PendingCall> {
    /// A place in the order of replies.
    private struct Place {
        /// Nil once the call was given up, and for commands whose reply nobody wants.
        var call: Call?
        let sentAt: NIODeadline
    }

    private enum Phase {
        case handshake(Handshake)
        case active
        case closed
    }

    /// What a value that was received means.
    enum Receipt {
        case answer(Call, RESPValue)
        /// A message that the server sent unasked.
        case push([RESPValue])
        /// A reply nobody waits for any more.
        case dropped
        /// The next command of the handshake.
        case write(RESPCommand)
        case ready(RESPServerInfo)
        case close(RESPError)
    }

    /// What the time brings.
    struct Passing {
        /// Calls whose deadline has passed.
        var late: [Call] = []
        /// Whether the oldest call is so old that the connection is to be closed.
        var isStalled = false
    }

    /// Calls that end with their connection.
    struct Leftovers {
        /// Calls whose command may have been executed.
        var written: [Call] = []
        var unwritten: [Call] = []
    }

    let maximumCallsInFlight: Int
    let stallTimeout: TimeAmount
    /// Whether this connection is subscribed: RESP2 then sends messages as plain arrays.
    let isSubscriber: Bool

    private var phase: Phase
    private var places = CircularBuffer<Place>(initialCapacity: 64)
    /// How many places at the end of the queue have not been flushed.
    private var unflushed = 0
    /// No deadline of a call in the queue is earlier; it may belong to one that was answered.
    private var earliestDeadline = NIODeadline.distantFuture

    init(
        handshake: Handshake,
        maximumCallsInFlight: Int,
        stallTimeout: TimeAmount,
        isSubscriber: Bool = false
    ) {
        phase = .handshake(handshake)
        self.maximumCallsInFlight = maximumCallsInFlight
        self.stallTimeout = stallTimeout
        self.isSubscriber = isSubscriber
    }

    /// Whether calls may be sent.
    var isActive: Bool {
        if case .active = phase { true } else { false }
    }

    /// Whether the connection has ended.
    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// How many replies are awaited.
    var callsInFlight: Int { places.count }

    /// The connection stands; gives the first command of the handshake.
    func connected() -> RESPCommand? {
        if case .handshake(let handshake) = phase { handshake.first } else { nil }
    }

    /// Takes a call whose command is to be written; false when there are too many, or no
    /// connection.
    mutating func send(_ call: Call, now: NIODeadline) -> Bool {
        guard isActive, places.count < maximumCallsInFlight else { return false }
        earliestDeadline = min(earliestDeadline, call.deadline)
        append(Place(call: call, sentAt: now))
        return true
    }

    /// Takes a place for a command whose reply is not wanted, such as ASKING; false where there
    /// would be none for the command that follows it.
    mutating func sendUnheard(now: NIODeadline) -> Bool {
        guard isActive, places.count < maximumCallsInFlight - 1 else { return false }
        append(Place(call: nil, sentAt: now))
        return true
    }

    private mutating func append(_ place: Place) {
        places.append(place)
        unflushed += 1
    }

    /// What was written has been given to the network.
    mutating func flushed() {
        unflushed = 0
    }

    mutating func received(_ value: RESPValue) -> Receipt {
        switch phase {
        case .closed: return .dropped
        case .handshake(var handshake):
            if case .push = value { return .dropped }
            let step = handshake.received(value)
            phase = .handshake(handshake)
            switch step {
            case .send(let command): return .write(command)
            case .failed(let error): return .close(error)
            case .ready(let info):
                phase = .active
                return .ready(info)
            }
        case .active:
            if case .push(let items) = value { return .push(items) }
            if isSubscriber, let items = Self.message(value) { return .push(items) }
            guard let place = places.popFirst() else {
                return .close(Self.unexpected(value))
            }
            unflushed = min(unflushed, places.count)
            return place.call.map { .answer($0, value) } ?? .dropped
        }
    }

    /// The time has come for which ``nextWake`` asked, or another.
    mutating func timePassed(now: NIODeadline) -> Passing {
        var passing = Passing()
        guard isActive else { return passing }
        if let oldest = places.first, now >= oldest.sentAt + stallTimeout {
            passing.isStalled = true
        }
        guard now >= earliestDeadline else { return passing }
        earliestDeadline = .distantFuture
        for index in places.indices {
            guard let call = places[index].call else { continue }
            if call.deadline <= now {
                passing.late.append(call)
                places[index].call = nil
            } else {
                earliestDeadline = min(earliestDeadline, call.deadline)
            }
        }
        return passing
    }

    /// When ``timePassed(now:)`` is to be called next; nil while nothing waits.
    var nextWake: NIODeadline? {
        places.first.map { min($0.sentAt + stallTimeout, earliestDeadline) }
    }

    /// Gives up the calls with an id; their places are kept.
    mutating func cancel(_ id: UInt64) -> [Call] {
        var cancelled: [Call] = []
        for index in places.indices where places[index].call?.id == id {
            if let call = places[index].call { cancelled.append(call) }
            places[index].call = nil
        }
        return cancelled
    }

    /// The connection has ended, or is given up; the second time there is nothing left.
    mutating func close() -> Leftovers {
        phase = .closed
        var leftovers = Leftovers()
        let written = places.count - unflushed
        for (index, place) in places.enumerated() {
            guard let call = place.call else { continue }
            if index < written {
                leftovers.written.append(call)
            } else {
                leftovers.unwritten.append(call)
            }
        }
        places.removeAll()
        unflushed = 0
        return leftovers
    }

    /// The elements of a message of a subscription in RESP2.
    private static func message(_ value: RESPValue) -> [RESPValue]? {
        guard case .array(let items) = value else { return nil }
        switch items.first?.string {
        case "message", "pmessage", "subscribe", "unsubscribe", "psubscribe", "punsubscribe":
            return items
        default: return nil
        }
    }

    /// Why a value that answers nothing ends a connection.
    private static func unexpected(_ value: RESPValue) -> RESPError {
        // A refused SUBSCRIBE, or "max number of clients reached".
        guard let error = value.error else {
            return .unavailable(why: "Redis sent an answer to which there was no question")
        }
        return RESPError(.unavailable, "Redis ended the connection: \(error)", reply: error)
    }
}
