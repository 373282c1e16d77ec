import EmbeddedNode
import Foundation
import Logging
import QuotaModel
import StrictJSON

/// Writes log lines as JSON objects, one a line, so that no text from outside can forge a line.
struct JSONLogHandler: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let now: @Sendable () -> String
    private let output: @Sendable ([UInt8]) -> Void

    init(
        label: String,
        level: Logger.Level,
        now: @escaping @Sendable () -> String = { SystemClock.wallNow().description },
        output: @escaping @Sendable ([UInt8]) -> Void = JSONLogHandler.writeToStandardError
    ) {
        self.label = label
        logLevel = level
        self.now = now
        self.output = output
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("time", now())
            writer.member("level", event.level.rawValue)
            writer.member("logger", label)
            writer.member("message", event.message.description)
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) {
                writer.member(named: key, value.description)
            }
        }
        output(writer.bytes + [UInt8(ascii: "\n")])
    }

    /// Writes what can be written: a full disk under the log must not end the server.
    private static func writeToStandardError(_ line: [UInt8]) {
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(
                    STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
