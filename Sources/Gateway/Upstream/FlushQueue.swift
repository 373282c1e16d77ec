import NIOCore

/// Sends what was written when all that an event loop has heard of in one turn is handled.
///
/// Writing to a process that sleeps wakes it, which takes longer than the writing; of many writes
/// in a row only the first has to. Where there is one event in a turn, nothing waits.
///
/// Used on its event loop only.
final class FlushQueue {
    private let eventLoop: any EventLoop
    private var waiting: [any Flushing] = []

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Something was written; each writer is there once in a turn.
    func add(_ writer: any Flushing) {
        waiting.append(writer)
        guard waiting.count == 1 else { return }
        eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush() {
        var writers: [any Flushing] = []
        swap(&writers, &waiting)
        for writer in writers { writer.flushNow() }
    }
}

/// Who writes and does not flush.
protocol Flushing: AnyObject {
    /// Sends what was written, if it can still be sent.
    func flushNow()
}
