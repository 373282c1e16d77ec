import Foundation
import Synchronization

/// Where all tasks of an import note what became of the rows.
///
/// The file is sent in parts, several at a time; their failures are kept until those of all parts
/// before are known, so that they are told in the order of the file.
final class ImportLedger: Sendable {
    private struct State {
        var tally = ImportTally()
        var stop: String?
        /// The first part that is not finished.
        var next = 0
        /// Failures of later parts.
        var waiting: [Int: [ImportTally.Failure]] = [:]
        var errors: FileHandle?
        /// Known once the first row is.
        var form: FailedRowForm?
        var hasHeader = false

        mutating func fail(_ failure: ImportTally.Failure) {
            tally.fail(failure)
            guard let errors, let form else { return }
            let header = hasHeader ? [] : form.header
            hasHeader = true
            do {
                try errors.write(contentsOf: Data(header + form.line(failure)))
            } catch {
                Terminal.say("--errors-out cannot be written: \(error.localizedDescription)")
                self.errors = nil
            }
        }
    }

    private let state: Mutex<State>
    /// Whether the rows that fail are asked for.
    let keepsRows: Bool

    /// With a path, failed rows are also written there.
    init(errorsPath: String?) throws(CommandFailure) {
        var state = State()
        if let errorsPath {
            // There may be digests of credentials in it.
            // What stands in the file behind the name of a device, of the shell's making, stays.
            let start = errorsPath.hasPrefix("/dev/") ? O_APPEND : O_TRUNC
            let descriptor = open(errorsPath, O_WRONLY | O_CREAT | start, 0o600)
            guard descriptor >= 0 else {
                throw CommandFailure("--errors-out: cannot write \(SafeText.line(errorsPath))")
            }
            state.errors = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }
        keepsRows = errorsPath != nil
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

    /// Says how failed rows are written.
    func write(as form: FailedRowForm) {
        state.withLock { $0.form = form }
    }

    /// Notes what failed of a part of the file; parts are counted from 0, and each ends once.
    func finish(_ part: Int, _ failures: [ImportTally.Failure]) {
        state.withLock { state in
            state.waiting[part] = failures.sorted { $0.line < $1.line }
            while let ready = state.waiting.removeValue(forKey: state.next) {
                state.next += 1
                for failure in ready { state.fail(failure) }
            }
        }
    }

    /// Ends the import; the first reason stands.
    func stop(_ reason: String) {
        state.withLock { if $0.stop == nil { $0.stop = reason } }
    }
}
