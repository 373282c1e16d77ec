import Dispatch
import Foundation
package import LedgerSQLite
import QuotaCalendar
package import QuotaLedger
package import QuotaNode
package import UsageJournal

/// A node over the ledger of a data folder, as a server and an application run it.
///
/// Opening and starting are two steps, since a server looks into its ledger in between.
package struct EmbeddedNode: Sendable {
    /// What is set of it.
    package struct Options: Sendable {
        /// The data folder.
        package var folder: String
        /// When a decision is answered.
        package var durability: JournalOptions.Durability
        /// Whether the journals of other histories are given up at the start.
        package var setsJournalAside: Bool
        /// The node's settings.
        package var node: NodeSettings

        /// Creates options.
        package init(
            folder: String,
            durability: JournalOptions.Durability = .fast,
            setsJournalAside: Bool = false,
            node: NodeSettings = NodeSettings()
        ) {
            self.folder = folder
            self.durability = durability
            self.setsJournalAside = setsJournalAside
            self.node = node
        }
    }

    /// The ledger, which is open.
    package let ledger: LedgerSQLite
    /// The node that decides.
    package let node: QuotaNode

    /// Creates or opens the ledger of a data folder, which is locked for as long as it is open.
    ///
    /// - Parameters:
    ///   - folder: the path of the data folder.
    ///   - machine: whose clocks the ledger has.
    ///   - onBroken: called once when only a restart can help.
    /// - Returns: the ledger, which is open.
    /// - Throws: ``LedgerError``, or ``StartFailure`` when the time-zone database is not usable.
    package static func openLedger(
        folder: String,
        machine: Machine,
        onBroken: @escaping @Sendable (LedgerError) -> Void
    ) throws -> LedgerSQLite {
        do {
            try CalendarSelfCheck.run()
        } catch {
            throw StartFailure("the time-zone database is not usable: \(error)")
        }
        return try LedgerSQLite(
            folder: DataFolder(path: folder), clock: machine.clock,
            steadyClock: machine.steadyClock, onBroken: onBroken)
    }

    /// Begins a life of the node: takes over the journals of earlier ones.
    ///
    /// - Parameters:
    ///   - ledger: the folder's ledger.
    ///   - options: what is set.
    ///   - machine: the clocks and the randomness, those of the ledger.
    ///   - onBroken: called when the disk under the journal has failed.
    /// - Throws: ``StartFailure``, ``LedgerError`` or ``JournalError``.
    package init(
        ledger: LedgerSQLite,
        options: Options,
        machine: Machine,
        onBroken: @escaping @Sendable (JournalError) -> Void
    ) async throws {
        let peppers = try await Peppers.read(folder: options.folder, ledger: ledger)
        self.ledger = ledger
        node = try await QuotaNode(
            ledger: ledger,
            settings: options.node,
            peppers: peppers,
            journal: try Self.journal(options, onBroken: onBroken),
            clock: machine.clock,
            steadyClock: machine.steadyClock,
            random: machine.random)
    }

    /// Closes the ledger and unlocks its folder; the node is over before.
    package func close() async throws(LedgerError) {
        try await ledger.close()
        ledger.folder.unlock()
    }

    private static func journal(
        _ options: Options,
        onBroken: @escaping @Sendable (JournalError) -> Void
    ) throws(JournalError) -> JournalOptions {
        let thread = DispatchQueue(label: "weir.journal", attributes: .concurrent)
        var journal = JournalOptions(
            folder: options.folder + "/journal",
            boot: try BootID.current(),
            background: { work in thread.async(execute: work) },
            onBroken: onBroken)
        journal.durability = options.durability
        // Each has a lock of its own. On small machines one, where all who wait share its sync.
        let processors = ProcessInfo.processInfo.activeProcessorCount
        journal.streamCount =
            options.durability == .durable
            ? min(8, max(1, processors / 4)) : min(64, max(8, processors * 2))
        journal.givesUpOtherHistories = options.setsJournalAside
        return journal
    }
}
