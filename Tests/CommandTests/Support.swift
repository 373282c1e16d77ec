import ArgumentParser
import Foundation
import StrictJSON

@testable import WeirCommand

/// The command that a line asks for, as a shell would split it.
///
/// The way to the command is walked here: parsing from the root checks all commands each time,
/// which takes a second in a debug build.
func command(_ line: String) throws -> any ParsableCommand {
    var rest = words(line)[...]
    var type: any ParsableCommand.Type = Weir.self
    while let word = rest.first,
        let next = subcommands(of: type).first(where: { $0._commandName == word })
    {
        type = next
        rest = rest.dropFirst()
    }
    guard subcommands(of: type).isEmpty else {
        throw ValidationError("no command: \(line)")
    }
    return try type.parse(Array(rest))
}

/// The commands below a command, in groups or not.
func subcommands(of type: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    let configuration = type.configuration
    return configuration.ungroupedSubcommands
        + configuration.groupedSubcommands.flatMap(\.subcommands)
}

/// Splits at spaces, except inside of double quotes.
func words(_ line: String) -> [String] {
    var words: [String] = []
    var current: String?
    var isQuoted = false
    for character in line {
        switch character {
        case "\"":
            isQuoted.toggle()
            current = current ?? ""
        case " " where !isQuoted:
            if let word = current { words.append(word) }
            current = nil
        default: current = (current ?? "") + String(character)
        }
    }
    return words + (current.map { [$0] } ?? [])
}

/// The value of a JSON text.
func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

/// A file that lies beside these tests.
func fixture(_ name: String) throws -> [UInt8] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/\(name)")
    return try Array(Data(contentsOf: file))
}

/// What a source made of a file.
struct SourceOutcome: Equatable {
    var items: [String] = []
    var lines: [Int] = []
    var passed: [PassReason: Int] = [:]
    var failures: [ImportTally.Failure] = []
    var changes: [ManifestEntry] = []
}

/// Reads all of a source, in chunks of so many bytes.
func read(
    _ source: some ImportSource, _ bytes: [UInt8], chunk: Int = 7
) throws -> SourceOutcome {
    var source = source
    var outcome = SourceOutcome()
    var rest = bytes[...]
    while true {
        var item: [UInt8] = []
        switch try source.next(into: &item) {
        case .item(_, let line, _):
            outcome.items.append(String(decoding: item, as: UTF8.self))
            outcome.lines.append(line)
        case .change(let entry): outcome.changes.append(entry)
        case .passed(let reason): outcome.passed[reason, default: 0] += 1
        case .failed(let line, let detail):
            outcome.failures.append(.init(line: line, detail: detail))
        case .needsMore:
            if rest.isEmpty { source.finish() } else { source.feed(Array(rest.prefix(chunk))) }
            rest = rest.dropFirst(chunk)
        case .end: return outcome
        }
    }
}

/// The failed rows of a source, as they are written.
func failedRows(_ source: some ImportSource, _ bytes: [UInt8]) throws -> String {
    var source = source
    source.feed(bytes)
    source.finish()
    var text: [UInt8] = []
    while true {
        var item: [UInt8] = []
        switch try source.next(into: &item) {
        case .failed(let line, let detail):
            let form = source.failedRowForm
            if text.isEmpty { text = form.header }
            text += form.line(.init(line: line, detail: detail, text: source.row))
        case .end: return String(decoding: text, as: UTF8.self)
        default: break
        }
    }
}
