import EmbeddedNode
import Logging
import QuotaLedger
import QuotaNode
import Synchronization
import UsageJournal

/// One life of a node on a data folder, with what keeps it up.
struct Life: Sendable {
    private let embedded: EmbeddedNode
    private let upkeep: NodeUpkeep
    private let tasks: [Task<Void, Never>]

    var node: QuotaNode { embedded.node }

    /// Opens the folder, begins the life and keeps it up.
    init(_ options: Weir.Options, _ failure: Failure) async throws(WeirError) {
        do {
            let machine = options.machine
            let ledger = try await EmbeddedNode.openLedger(
                folder: options.folder, machine: machine
            ) { failure.set("the ledger failed: \($0)") }
            do {
                embedded = try await EmbeddedNode(
                    ledger: ledger, options: options.embedded, machine: machine
                ) { failure.set("the journal failed: \($0)") }
            } catch {
                // Somebody may want to mend it and open the folder again.
                try? await ledger.close()
                ledger.unlock()
                throw error
            }
            upkeep = NodeUpkeep(embedded.node, machine: machine, logger: options.logger)
        } catch let error as LedgerError {
            throw WeirError(opening: options.folder, error)
        } catch {
            // A start failure or the journal's error: one line that says the way out.
            throw WeirError(.unusableFolder, "\(error)")
        }
        tasks = [
            Task { [upkeep] in await upkeep.foldAgainAndAgain() },
            Task { [upkeep] in await upkeep.sweepAgainAndAgain() },
        ]
    }

    /// Stops the upkeep.
    func cancel() {
        for task in tasks { task.cancel() }
    }

    /// Ends the life: leases go back, the ledger is closed, the folder unlocked.
    func end() async -> Result<Void, WeirError> {
        cancel()
        for task in tasks { await task.value }
        await upkeep.end()
        do throws(LedgerError) {
            try await embedded.close()
            return .success(())
        } catch {
            return .failure(WeirError(.broken, "the ledger can't be closed: \(error.message)"))
        }
    }
}

/// The failure after which nothing more is decided.
final class Failure: Sendable {
    private struct State {
        var error: WeirError?
        var listener: (@Sendable () -> Void)?
    }

    private let logger: Logger
    private let state = Mutex(State())
    /// Asked by each call, and so no part of the state under the lock.
    private let isSet = Atomic(false)

    init(_ logger: Logger) {
        self.logger = logger
    }

    var error: WeirError? {
        isSet.load(ordering: .acquiring) ? state.withLock { $0.error } : nil
    }

    /// Calls `listener` once when there is a failure, or now when there is one.
    func onFailure(_ listener: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.listener = listener
            return state.error != nil
        }
        if isLate { listener() }
    }

    func set(_ message: String) {
        let listener = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.error == nil else { return nil }
            // Nobody knows what is on the disk now: whoever opens the folder next recovers.
            state.error = WeirError(.broken, message + "; close, and open the folder again")
            isSet.store(true, ordering: .releasing)
            return state.listener
        }
        logger.critical("nothing more can be decided", metadata: ["error": "\(message)"])
        listener?()
    }
}
