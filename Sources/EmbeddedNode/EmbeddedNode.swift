import Dispatch
import Foundation
import LedgerPostgres
import LedgerSQLite
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
        /// What keys are hashed with, `version:hexadecimal` with commas; nil takes those of the
        /// data folder.
        package var peppers: String?
        /// The name of a fleet's node; nil takes that of the data folder.
        package var name: String?

        /// Creates options.
        package init(
            folder: String,
            durability: JournalOptions.Durability = .fast,
            setsJournalAside: Bool = false,
            node: NodeSettings = NodeSettings(),
            peppers: String? = nil,
            name: String? = nil
        ) {
            self.folder = folder
            self.durability = durability
            self.setsJournalAside = setsJournalAside
            self.node = node
            self.peppers = peppers
            self.name = name
        }
    }

    /// The ledger, which is open.
    private let ledger: OpenLedger
    /// The node that decides.
    package let node: QuotaNode

    /// Opens the ledger of a node, and creates it where there is none; the data folder is locked
    /// for as long as it is open.
    ///
    /// - Parameters:
    ///   - place: where it is.
    ///   - folder: the path of the data folder.
    ///   - machine: whose clocks an embedded ledger has.
    ///   - onBroken: called once when only a restart can help.
    /// - Returns: the ledger, which is open.
    /// - Throws: ``LedgerError``, or ``StartFailure`` when the time-zone database is not usable.
    package static func openLedger(
        at place: LedgerPlace = .embedded,
        folder: String,
        machine: Machine,
        onBroken: @escaping @Sendable (LedgerError) -> Void
    ) async throws -> OpenLedger {
        do {
            try CalendarSelfCheck.run()
        } catch {
            throw StartFailure("the time-zone database is not usable: \(error)")
        }
        let folder = try DataFolder(path: folder)
        switch place {
        case .embedded:
            return OpenLedger(
                try LedgerSQLite(
                    folder: folder, clock: machine.clock, steadyClock: machine.steadyClock,
                    onBroken: onBroken))
        case .postgres(let options):
            // Nobody had it before: whoever lost the answer to a commit looks for it.
            let id = SystemRandom.bytes(16).map { String($0, radix: 16) }.joined(separator: "")
            do throws(LedgerError) {
                return OpenLedger(try await LedgerPostgres(options, id: id), folder: folder)
            } catch {
                folder.unlock()
                throw error
            }
        }
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
        ledger: OpenLedger,
        options: Options,
        machine: Machine,
        onBroken: @escaping @Sendable (JournalError) -> Void
    ) async throws {
        let peppers = try await Peppers.read(
            folder: options.folder, given: options.peppers, ledger: ledger.ledger)
        self.ledger = ledger
        var settings = options.node
        if ledger.ledger is any SharedLedger {
            settings.name = try options.name ?? NodeName.read(folder: options.folder)
        }
        node = try await QuotaNode(
            ledger: ledger.ledger,
            settings: settings,
            peppers: peppers,
            journal: try Self.journal(options, onBroken: onBroken),
            clock: machine.clock,
            steadyClock: machine.steadyClock,
            random: machine.random,
            pause: machine.sleep)
    }

    /// Closes the ledger and unlocks its folder; the node is over before.
    package func close() async throws(LedgerError) {
        try await ledger.close()
        ledger.unlock()
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
