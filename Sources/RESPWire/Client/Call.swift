internal import NIOCore

/// A command on its way to its answer.
struct Call: PendingCall, Sendable {
    /// Which node it is for.
    enum Target: Sendable {
        /// The node of the command's slot, or any.
        case command
        /// This node.
        case node(RESPEndpoint)
        /// This node, once, to which the slot of the command is being moved.
        case asking(RESPEndpoint)
    }

    let id: UInt64
    var command: RESPCommand
    let deadline: NIODeadline
    var target = Target.command
    /// How often another node was named instead of the one that was asked.
    var redirections = 0
    /// The waits between tries, where a cluster said to try again.
    var waits = Backoff(Call.waits)
    let completion: Completion

    private static let waits = Backoff.Bounds(first: .milliseconds(10), cap: .milliseconds(200))

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
    }

    /// Answers; a call is answered once, by whoever takes it out of where it waits.
    func finish(_ result: sending Result<RESPValue, RESPError>) {
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
