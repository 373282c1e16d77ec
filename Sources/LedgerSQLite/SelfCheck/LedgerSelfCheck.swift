import Foundation
package import QuotaLedger
import QuotaModel

/// Checks a ledger beside its server, a little at a time, again and again.
///
/// A read transaction keeps the log from starting anew, so none lasts long here: each slice is one,
/// and reads some thousand rows. What it reads belongs together all the same:
///
/// - Batches and changes never change, so their chains are checked from the last one that was
///   checked on, whatever the transaction.
/// - The sums of the entries are kept. A slice takes the batches that are new first, and compares
///   some accounts within the same transaction: each account with the entries of that moment.
/// - A day of a tenant is compared as a whole within one transaction: events, hours, day.
/// - So are the rows and the total of a date.
///
/// The value is I/O and nothing else: no clock, no pause. Whoever runs it decides when the next
/// slice is due.
package struct LedgerSelfCheck: Sendable {
    /// The most rows that a slice reads of each kind, but for a tenant's day, which is one piece.
    static let maximumRows = 2_000
    /// The most accounts whose sums are kept, some 250 bytes each; a ledger of more is not folded.
    package static let maximumAccounts = 250_000
    /// How many runs go on from the sums before them; the next begins with the first batch.
    package static let runsBeforeAnew = 24

    /// What there is left to do.
    enum Stage: Sendable {
        case accounts(after: AccountID?)
        case unseen
        case days(after: UsagePlace?)
        case totals(after: String)
        case end
    }

    let path: String
    let maximumRows: Int
    let accountLimit: Int
    var chain = EntryChainCheck()
    var fold: EntryFoldCheck? = EntryFoldCheck()
    var audit = AuditChainCheck()
    var grants = LedgerCheckResults(.grants)
    var usage: UsageCheck?
    var totals = LedgerCheckResults(.totals)
    var stage = Stage.accounts(after: nil)
    private var runs = 0

    /// A check that has seen nothing.
    ///
    /// - Parameters:
    ///   - folder: the data folder of an open ledger.
    ///   - maximumRows: the most rows that a slice reads of each kind.
    ///   - maximumAccounts: the most accounts whose sums are kept.
    package init(
        folder: String,
        maximumRows: Int = Self.maximumRows,
        maximumAccounts: Int = Self.maximumAccounts
    ) {
        path = folder + "/ledger.sqlite"
        self.maximumRows = maximumRows
        accountLimit = maximumAccounts
    }

    /// Does the next slice.
    ///
    /// - Returns: what the run found when this was its last slice, else nil.
    /// - Throws: `unusable_folder` when the ledger can't be read; the next slice begins anew.
    package mutating func slice() throws(LedgerError) -> LedgerVerification? {
        do throws(LedgerError) {
            return try advance()
        } catch {
            // What was taken before it would be taken twice.
            let folder = (path as NSString).deletingLastPathComponent
            self = LedgerSelfCheck(
                folder: folder, maximumRows: maximumRows, maximumAccounts: accountLimit)
            throw error
        }
    }

    private mutating func advance() throws(LedgerError) -> LedgerVerification? {
        let database = try ReadOnlyDatabase(
            path: path, hasLog: FileManager.default.fileExists(atPath: path + "-wal"))
        switch stage {
        case .accounts(let account):
            // Of what is not caught up with, nothing can be compared.
            guard try catchUp(database) else { return nil }
            try readAccounts(database, after: account)
        case .unseen:
            guard try catchUp(database) else { return nil }
            try readUnseen(database)
        case .days(let place): try readDays(database, after: place)
        case .totals(let date): try readTotals(database, after: date)
        case .end:
            guard try catchUp(database) else { return nil }
            return try finish(database)
        }
        return nil
    }

    private mutating func finish(_ database: ReadOnlyDatabase) throws(LedgerError)
        -> LedgerVerification
    {
        let head = try LedgerReading.head(database)
        // The chains go on from here the next time, and their ends are of this moment alone.
        var (chain, audit) = (chain, audit)
        chain.finish(head)
        audit.finish(head)
        var checks = [chain.result]
        if let fold { checks += [fold.result, fold.conservation] }
        checks += grants.all
        if let usage { checks += [usage.totals, usage.events] }
        checks += totals.all
        checks.append(audit.result)
        begin()
        return LedgerVerification(checks: checks, head: head)
    }

    /// Begins the next run.
    private mutating func begin() {
        runs += 1
        stage = .accounts(after: nil)
        grants = LedgerCheckResults(.grants)
        totals = LedgerCheckResults(.totals)
        usage = nil
        fold?.restart()
        guard runs.isMultiple(of: Self.runsBeforeAnew) else { return }
        (chain, fold, audit) = (EntryChainCheck(), EntryFoldCheck(), AuditChainCheck())
    }
}
