import Foundation
import Synchronization

/// Where all tasks of an import note what became of the rows.
final class ImportLedger: Sendable {
    private struct State {
        var tally = ImportTally()
        var errors: FileHandle?
        var stop: String?
    }

    private let state: Mutex<State>

    /// With a path, failures are also written there as CSV: `line,detail`.
    init(errorsPath: String?) throws(CommandFailure) {
        var state = State()
        if let errorsPath {
            guard FileManager.default.createFile(atPath: errorsPath, contents: nil),
                let handle = FileHandle(forWritingAtPath: errorsPath)
            else {
                throw CommandFailure("--errors-out: cannot write \(SafeText.line(errorsPath))")
            }
            handle.write(Data("line,detail\n".utf8))
            state.errors = handle
        }
        self.state = Mutex(state)
    }

    /// What became of the rows so far.
    var tally: ImportTally { state.withLock { $0.tally } }

    /// Why nothing more is sent; nil while all is well.
    var stopReason: String? { state.withLock { $0.stop } }

    /// Changes the tally.
    func update(_ body: (inout ImportTally) -> Void) {
        state.withLock { body(&$0.tally) }
    }

    /// Notes a row that failed.
    func fail(line: Int, _ detail: String) {
        state.withLock { state in
            state.tally.fail(.init(line: line, detail: detail))
            let quoted = detail.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"")
            state.errors?.write(Data("\(line),\"\(quoted)\"\n".utf8))
        }
    }

    /// Ends the import; the first reason stands.
    func stop(_ reason: String) {
        state.withLock { if $0.stop == nil { $0.stop = reason } }
    }
}
