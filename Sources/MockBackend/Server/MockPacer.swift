import NIOCore

/// The paced streams of one event loop, which one timer serves.
///
/// Only that loop may use it.
final class MockPacer {
    /// A stream that is looked at on every tick.
    protocol Stream: AnyObject {
        /// Where the stream stands among all; nil when it is not there.
        var pacerIndex: Int? { get set }
        /// Time has passed.
        func tick()
    }

    private let loop: any EventLoop
    private let interval: TimeAmount
    private var streams: [any Stream] = []
    private var timer: RepeatedTask?

    init(loop: any EventLoop, tickMilliseconds: Int) {
        self.loop = loop
        interval = .milliseconds(Int64(tickMilliseconds))
    }

    func add(_ stream: any Stream) {
        guard stream.pacerIndex == nil else { return }
        stream.pacerIndex = streams.count
        streams.append(stream)
        guard timer == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.tick()
        }
    }

    func remove(_ stream: any Stream) {
        guard let index = stream.pacerIndex, index < streams.count else { return }
        stream.pacerIndex = nil
        // The last one takes its place.
        let last = streams.removeLast()
        if index < streams.count {
            streams[index] = last
            last.pacerIndex = index
        }
        guard streams.isEmpty else { return }
        timer?.cancel()
        timer = nil
    }

    private func tick() {
        // From the end: what takes the place of one that ends has had its turn.
        var index = streams.count - 1
        while index >= 0 {
            if index < streams.count { streams[index].tick() }
            index -= 1
        }
    }
}
