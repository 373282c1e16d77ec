import Logging
import Synchronization

/// Keeps one member of each log line, so that tests can say which lines were written.
final class LineRecorder: Sendable {
    private struct Handler: LogHandler {
        let recorder: LineRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let value = event.metadata?[recorder.name]?.description ?? "-"
            recorder.kept.withLock { $0.append(value) }
        }
    }

    private let name: String
    private let kept = Mutex<[String]>([])

    /// Keeps the member of a name.
    init(of name: String) {
        self.name = name
    }

    /// A logger that writes here.
    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    /// What was logged, in order.
    var lines: [String] { kept.withLock { $0 } }

    /// What was logged since the last call.
    func take() -> [String] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}
