import QuotaLedger

/// How a ledger knows that it went on from a backup.
///
/// Every copy carries a mark, which the ledger it was made of never has. Whoever opens a copy as a
/// ledger begins a new generation: its log may lack what the ledger of the generation before had
/// answered after the copy was made.
enum LedgerGeneration {
    /// The setting that counts generations; a ledger without it is of the first.
    static let setting = "generation"
    /// The setting that marks a copy: the number of its last batch of entries.
    static let mark = "restored"

    /// The generation that a setting says.
    static func number(_ text: String?) -> Int64 { text.flatMap { Int64($0) } ?? 1 }

    /// The commands that turn a marked copy into a ledger of a generation.
    static func beginning(_ generation: Int64, batch: String) -> [LedgerCommand] {
        let note = AuditNote(
            actor: "server", action: "ledger.restored", subject: "ledger",
            details: #"{"batch":\#(Int64(batch) ?? 0),"generation":\#(generation)}"#)
        return [
            .putSetting(name: setting, value: String(generation)),
            .audited(.putSetting(name: mark, value: nil), note),
        ]
    }
}
