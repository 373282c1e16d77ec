import ArgumentParser
import Foundation

/// Asks before something is done that cannot be undone.
enum Confirmation {
    /// What to do about a question.
    enum Step: Equatable {
        case proceed
        case ask
        case refuse
    }

    /// Decides: with --yes proceed, ask on a terminal, and refuse where nobody can answer.
    static func step(isConfirmed: Bool, isTerminal: Bool) -> Step {
        isConfirmed ? .proceed : isTerminal ? .ask : .refuse
    }

    /// Whether a typed line means yes.
    static func isYes(_ line: String?) -> Bool {
        ["y", "yes"].contains((line ?? "").trimmingCharacters(in: .whitespaces).lowercased())
    }

    /// Returns when `question` may be done.
    static func require(_ question: String, isConfirmed: Bool) throws {
        switch step(isConfirmed: isConfirmed, isTerminal: isatty(STDIN_FILENO) == 1) {
        case .proceed: return
        case .refuse:
            Terminal.say(
                "Error: \(question) Nobody is at the terminal to say so: add --yes to do it.")
            throw ExitCode.validationFailure
        case .ask:
            Terminal.say("\(question) [y/N] ", terminator: "")
            guard isYes(readLine()) else { throw CommandFailure("nothing was changed") }
        }
    }
}
