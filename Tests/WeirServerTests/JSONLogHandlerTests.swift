import Logging
import StrictJSON
import Synchronization
import Testing

@testable import WeirServer

@Suite("log lines")
struct JSONLogHandlerTests {
    /// What a logger wrote.
    private final class Output: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        var lines: [[UInt8]] {
            bytes.withLock { bytes in
                bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                    .map(Array.init)
            }
        }

        func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    }

    private func logger(_ output: Output, level: Logger.Level = .info) -> Logger {
        Logger(label: "weir.test") { label in
            JSONLogHandler(
                label: label, level: level, now: { "2026-11-21T10:00:00Z" },
                output: { output.append($0) })
        }
    }

    static let hostile = [
        "x\n{\"level\":\"critical\",\"message\":\"forged\"}", "a\r\nb", "\u{2028}\u{2029}\u{85}",
        "\"},{\"level\":\"critical", "\\", "\u{0}\u{1B}[31m", "🙂", "a\tb", "%n%s", "",
    ]

    @Test("no text forges a line or a member, wherever it stands", arguments: hostile)
    func forging(text: String) throws {
        let output = Output()
        var logger = logger(output)
        logger[metadataKey: "context"] = "\(text)"
        logger.info("\(text)", metadata: ["id": "\(text)", "list": [.string(text)]])
        logger.info("second")
        let lines = output.lines
        // Two lines and what follows the last newline.
        #expect(lines.count == 3)
        #expect(lines.last == [])
        let first = try JSONValue(parsing: lines[0])
        #expect(first["message"] == .string(text))
        #expect(first["id"] == .string(text))
        #expect(first["context"] == .string(text))
        #expect(first["level"] == "info")
        #expect(first["logger"] == "weir.test")
        #expect(first["time"] == "2026-11-21T10:00:00Z")
        #expect(!lines[0].contains { $0 < 0x20 || $0 == 0x7F })
        #expect(try JSONValue(parsing: lines[1])["message"] == "second")
    }

    @Test("a hostile metadata key is a name like any other", arguments: hostile)
    func metadataKeys(text: String) throws {
        let output = Output()
        logger(output).info("x", metadata: [text: "value"])
        let line = try JSONValue(parsing: output.lines[0])
        #expect(line[text] == "value")
        #expect(line["level"] == "info")
    }

    @Test("lines below the level are not written")
    func level() {
        let output = Output()
        let logger = logger(output, level: .warning)
        logger.info("quiet")
        logger.warning("loud")
        #expect(output.lines.count == 2)
    }

    @Test("the line's own metadata wins over the logger's")
    func metadata() throws {
        let output = Output()
        var logger = logger(output)
        logger[metadataKey: "a"] = "1"
        logger[metadataKey: "b"] = "2"
        logger.error("x", metadata: ["a": "3"])
        let line = try JSONValue(parsing: output.lines[0])
        #expect(line["a"] == "3")
        #expect(line["b"] == "2")
        #expect(line["level"] == "error")
    }
}
