import RESPWire
import Synchronization

/// Events in the order in which they came.
final class EventLog: Sendable {
    private let log = Mutex<[RESPEvent]>([])

    var events: [RESPEvent] { log.withLock { $0 } }

    func append(_ event: RESPEvent) {
        log.withLock { $0.append(event) }
    }
}
