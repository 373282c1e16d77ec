import Synchronization

/// What happened, in order.
final class SharedLog: Sendable {
    private let lines = Mutex<[String]>([])

    var entries: [String] { lines.withLock { $0 } }

    func append(_ line: String) { lines.withLock { $0.append(line) } }

    func clear() { lines.withLock { $0 = [] } }
}
