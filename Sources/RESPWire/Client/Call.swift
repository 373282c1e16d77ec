internal import NIOCore

/// A command on its way to its answer.
///
/// An object that does not change, since it is handed on many times and has many parts.
final class Call: PendingCall, Sendable {
    /// Which node it is for.
    enum Target: Sendable {
        /// The node of the command's slot, or any.
        case command
        /// This node.
        case node(RESPEndpoint)
        /// This node, once, to which the slot of the command is being moved.
        case asking(RESPEndpoint)
    }

    private static let waits = Backoff.Bounds(first: .milliseconds(10), cap: .milliseconds(200))

    let id: UInt64
    let command: RESPCommand
    let deadline: NIODeadline
    let target: Target
    /// How often another node was named instead of the one that was asked.
    let redirections: Int
    /// The waits between tries, where a cluster said to try again.
    private let waits: Backoff
    private let completion: Completion

    init(
        id: UInt64,
        command: RESPCommand,
        deadline: NIODeadline,
        target: Target = .command,
        completion: Completion
    ) {
        self.id = id
        self.command = command
        self.deadline = deadline
        self.target = target
        self.completion = completion
        redirections = 0
        waits = Backoff(Self.waits)
    }

    private init(_ call: Call, command: RESPCommand, redirectedTo target: Target?, waits: Backoff) {
        id = call.id
        self.command = command
        deadline = call.deadline
        self.target = target ?? call.target
        redirections = call.redirections + (target == nil ? 0 : 1)
        self.waits = waits
        completion = call.completion
    }

    /// The same call with the text of its script; nil where it has none.
    var withScriptText: Call? {
        command.withScriptText.map { Call(self, command: $0, redirectedTo: nil, waits: waits) }
    }

    /// The same call for another node.
    func redirected(to target: Target) -> Call {
        Call(self, command: command, redirectedTo: target, waits: waits)
    }

    /// The same call for another try, and how long to wait before it.
    func delayed(random: Double) -> (call: Call, wait: Duration) {
        var waits = waits
        let wait = waits.next(random: random)
        return (Call(self, command: command, redirectedTo: nil, waits: waits), wait)
    }

    /// Answers; a call is answered once, by whoever takes it out of where it waits.
    func finish(_ result: Result<RESPValue, RESPError>) {
        switch completion {
        case .continuation(let continuation): continuation.resume(returning: result)
        case .closure(let closure): closure(result)
        case .batch(let batch, let index): batch.finish(index, result)
        }
    }

    func fail(_ error: RESPError) {
        finish(.failure(error))
    }
}
