internal import NIOCore

extension RESPClient {
    /// Sends a command and waits for its answer.
    ///
    /// An error that the server answers is thrown, as ``RESPError/Code/refused``. A task that is
    /// cancelled stops waiting at once.
    ///
    /// - Parameters:
    ///   - command: The command; its key decides which node of a cluster it is for.
    ///   - node: The node it is for instead, one of ``shards``.
    ///   - timeout: How long to wait, connecting and redirections included.
    /// - Returns: The answer.
    /// - Throws: Why there is none.
    public func send(
        _ command: RESPCommand, to node: RESPEndpoint? = nil, timeout: Duration
    ) async throws(RESPError) -> RESPValue {
        guard !Task.isCancelled else { throw .cancelledUnsent }
        let id = nextID()
        let deadline = deadline(timeout)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let call = Call(
                    id: id, command: command, deadline: deadline, target: Self.target(node),
                    completion: .continuation(continuation))
                submit(CollectionOfOne(call))
                // A cancellation may have come before the call it was for.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        return try result.get()
    }

    /// Sends a command, and calls back on the event loop with its answer.
    ///
    /// - Parameters:
    ///   - command: The command; its key decides which node of a cluster it is for.
    ///   - node: The node it is for instead, one of ``shards``.
    ///   - timeout: How long to wait, connecting and redirections included.
    ///   - completion: Is told the answer once; it must not block.
    public func send(
        _ command: RESPCommand,
        to node: RESPEndpoint? = nil,
        timeout: Duration,
        completion: @escaping @Sendable (Result<RESPValue, RESPError>) -> Void
    ) {
        let call = Call(
            id: nextID(), command: command, deadline: deadline(timeout), target: Self.target(node),
            completion: .closure(completion))
        submit(CollectionOfOne(call))
    }

    /// Sends commands together, without waiting for one answer before the next command.
    ///
    /// Those for one node are executed in their order, except for those that are redirected.
    ///
    /// - Parameters:
    ///   - commands: The commands.
    ///   - timeout: How long to wait for all of them.
    /// - Returns: As many answers, in the same order.
    public func send(
        _ commands: [RESPCommand], timeout: Duration
    ) async -> [Result<RESPValue, RESPError>] {
        await send(commands.map { ($0, nil) }, timeout: timeout)
    }

    /// Calls a script by its hash, and once more with its text where the server does not know it.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: Its keys; the first decides which node of a cluster it is for.
    ///   - arguments: Its other arguments.
    ///   - timeout: How long to wait for both together.
    /// - Returns: What the script returns.
    /// - Throws: Why there is no answer.
    public func evaluate(
        _ script: RESPScript,
        keys: [RESPArgument] = [],
        arguments: [RESPArgument] = [],
        timeout: Duration
    ) async throws(RESPError) -> RESPValue {
        try await send(
            RESPCommand(calling: script, keys: keys, arguments: arguments), timeout: timeout)
    }

    /// Sends a command to each primary that is known.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - timeout: How long to wait for all of them.
    /// - Returns: The answer of each; none where no primary is known yet.
    public func broadcast(
        _ command: RESPCommand, timeout: Duration
    ) async -> [(shard: RESPShard, result: Result<RESPValue, RESPError>)] {
        let shards = shards
        let results = await send(shards.map { (command, $0.endpoint) }, timeout: timeout)
        return Array(zip(shards, results)).map { (shard: $0, result: $1) }
    }

    private func send(
        _ commands: [(command: RESPCommand, node: RESPEndpoint?)], timeout: Duration
    ) async -> [Result<RESPValue, RESPError>] {
        guard !commands.isEmpty else { return [] }
        guard !Task.isCancelled else { return commands.map { _ in .failure(.cancelledUnsent) } }
        // One for all, so that they are cancelled together.
        let id = nextID()
        let deadline = deadline(timeout)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let batch = Batch(count: commands.count, continuation: continuation)
                submit(
                    commands.enumerated()
                        .map { index, element in
                            Call(
                                id: id, command: element.command, deadline: deadline,
                                target: Self.target(element.node),
                                completion: .batch(batch, index))
                        })
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private static func target(_ node: RESPEndpoint?) -> Call.Target {
        node.map { .node($0) } ?? .command
    }
}
