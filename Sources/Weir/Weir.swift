import EmbeddedNode
import Logging
import QuotaNode
@_exported public import QuotaModel
public import ServiceLifecycle
import Synchronization

/// Measures and limits what tenants use, inside an application: the engine of `weir serve` over a
/// data folder of its own.
///
/// It keeps itself up from ``open(_:)`` to ``close()``: what was decided is brought into the ledger
/// ten times a second, and what has become due is done once a second. As a service of a
/// `ServiceGroup` it closes when the group shuts down; list it before what uses it, so that it ends
/// after that.
///
/// One process has a data folder at a time, be it an application or a server; what one has written
/// the next one goes on from. A process that is killed, or lets go of this value without closing
/// it, loses nothing that was answered.
public final class Weir: Service {
    private struct State {
        /// Those who ``run()``, until it is closed or has failed.
        var runners: [AsyncStream<Never>.Continuation] = []
        /// The end of its life, once that has begun.
        var closing: Task<Result<Void, WeirError>, Never>?
    }

    let options: Options
    let failure: Failure
    private let life: Life
    /// Asked by each call, and so no part of the state under the lock.
    private let isOpen = Atomic(true)
    private let state = Mutex(State())
    /// Reservations that were dropped; see ``droppedReservations``.
    let dropped = Atomic<Int>(0)

    private init(_ options: Options, _ life: Life, _ failure: Failure) {
        self.options = options
        self.failure = failure
        self.life = life
        failure.onFailure { [weak self] in self?.wakeRunners() }
    }

    /// Where it was not closed this is like a crash: the next one to open the folder takes over.
    deinit { life.cancel() }

    // MARK: Opening and closing

    /// Opens a data folder, and creates it where it is missing.
    ///
    /// What an earlier life left is taken over before this returns.
    ///
    /// - Parameter options: the folder, and what is set of the engine.
    /// - Returns: an engine that decides.
    /// - Throws: ``WeirError`` with `folder_in_use`, or `unusable_folder` and the way out.
    public static func open(_ options: Options = Options()) async throws(WeirError) -> Weir {
        try options.check()
        let failure = Failure(options.logger)
        let life = try await Life(options, failure)
        return Weir(options, life, failure)
    }

    /// Opens a data folder for as long as `body` runs, and closes it whatever comes of that.
    ///
    /// - Parameters:
    ///   - options: the folder, and what is set of the engine.
    ///   - body: what is done with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and ``WeirError`` where the folder can't be opened or closed.
    public static func withOpen<Result>(
        _ options: Options = Options(),
        _ body: (Weir) async throws -> Result
    ) async throws -> Result {
        let weir = try await open(options)
        let result: Result
        do {
            result = try await body(weir)
        } catch {
            // What went wrong first says more.
            try? await weir.close()
            throw error
        }
        try await weir.close()
        return result
    }

    /// Gives back what is leased, closes the ledger and unlocks the folder; then every call throws
    /// `closed`.
    ///
    /// A second call waits for the first. Cancelling the task does not stop it.
    /// - Throws: ``WeirError`` with `broken` where the database can't be closed; no unit is lost by
    ///   it.
    public func close() async throws(WeirError) {
        let closing = state.withLock { state in
            if let closing = state.closing { return closing }
            isOpen.store(false, ordering: .relaxed)
            let closing = Task { [life] in await life.end() }
            state.closing = closing
            return closing
        }
        wakeRunners()
        try await closing.value.get()
    }

    /// Waits until the service group shuts down, the task is cancelled or ``close()`` is called,
    /// and closes.
    ///
    /// - Throws: ``WeirError`` with `broken` as soon as the disk has failed, so that the group
    ///   stops too.
    public func run() async throws {
        let (never, runner) = AsyncStream.makeStream(of: Never.self)
        state.withLock { state in
            if state.closing != nil || failure.error != nil {
                runner.finish()
            } else {
                state.runners.append(runner)
            }
        }
        await cancelWhenGracefulShutdown {
            for await _ in never {}
        }
        let broken = failure.error
        do {
            try await close()
        } catch {
            throw broken ?? error
        }
        if let broken { throw broken }
    }

    private func wakeRunners() {
        let runners = state.withLock { state in
            defer { state.runners = [] }
            return state.runners
        }
        for runner in runners { runner.finish() }
    }

    // MARK: Asking

    /// Asks the node, and tells its error as ours.
    func asking<Answer>(
        _ body: (QuotaNode) async throws(NodeError) -> Answer
    ) async throws(WeirError) -> Answer {
        let node = try openNode()
        do {
            return try await body(node)
        } catch {
            throw WeirError(error)
        }
    }

    func openNode() throws(WeirError) -> QuotaNode {
        guard isOpen.load(ordering: .relaxed) else { throw .closed }
        if let broken = failure.error { throw broken }
        return life.node
    }
}
