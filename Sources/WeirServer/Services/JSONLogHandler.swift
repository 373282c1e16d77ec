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
    private let write: @Sendable ([UInt8]) -> Void

    init(
        label: String,
        level: Logger.Level,
        now: @escaping @Sendable () -> String = { SystemClock.wallNow().description },
        write: @escaping @Sendable ([UInt8]) -> Void = JSONLogHandler.writeToStandardError
    ) {
        self.label = label
        logLevel = level
        self.now = now
        self.write = write
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
        write(writer.bytes + [UInt8(ascii: "\n")])
    }

    private static func writeToStandardError(_ line: [UInt8]) {
        FileHandle.standardError.write(Data(line))
    }
}
