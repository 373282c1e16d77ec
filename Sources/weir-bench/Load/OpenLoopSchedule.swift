import NIOCore
import WeirClient

/// When the requests of an open loop are to be sent, and which connections are free; lives on the
/// generator's one event loop.
final class OpenLoopSchedule {
    /// How long after the last connection is there the first request is sent.
    private static let delay = TimeAmount.milliseconds(5)

    private let request: ByteBuffer
    private let count: Int
    private let interval: TimeAmount
    private let connections: Int
    private let loop: any EventLoop
    private var start = NIODeadline.distantFuture
    private var handlers: [OpenLoopHandler] = []
    private var free = CircularBuffer<OpenLoopHandler>()
    private var sent = 0
    private var isScheduled = false
    private(set) var result = LoadResult()

    init(
        _ request: ByteBuffer, count: Int, interval: TimeAmount, connections: Int,
        loop: any EventLoop
    ) {
        self.request = request
        self.count = count
        self.interval = interval
        self.connections = connections
        self.loop = loop
    }

    /// A connection is there; with the last one it begins.
    func joined(_ handler: OpenLoopHandler) {
        handlers.append(handler)
        free.append(handler)
        guard handlers.count == connections else { return }
        start = .now() + Self.delay
        send()
    }

    /// A connection has its answer to what was to be sent at `due`.
    func answered(_ handler: OpenLoopHandler, due: NIODeadline) {
        result.requests += 1
        result.latency.record(nanoseconds: UInt64(max(0, (NIODeadline.now() - due).nanoseconds)))
        guard result.requests < count else {
            for handler in handlers { handler.finish() }
            handlers = []
            free = []
            return
        }
        free.append(handler)
        send()
    }

    private func due(_ number: Int) -> NIODeadline { start + interval * number }

    /// Sends all that is due, as far as there are connections.
    private func send() {
        let now = NIODeadline.now()
        while sent < count, due(sent) <= now, let handler = free.popFirst() {
            handler.send(request, due: due(sent))
            sent += 1
        }
        guard sent < count, !free.isEmpty, !isScheduled else { return }
        isScheduled = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(deadline: due(sent)) {
            bound.value.isScheduled = false
            bound.value.send()
        }
    }
}
