import QuotaLedger

/// What is told about a backup that has arrived.
struct BackupReceipt: Equatable {
    let bytes: Int64
    let head: LedgerHead

    /// Reads the ends of the chains from the header lines of the answer.
    init(bytes: Int64, headers: [String: String]) throws(CommandFailure) {
        guard let entries = Self.end(headers["x-weir-head"]),
            let audit = Self.end(headers["x-weir-audit-head"])
        else {
            throw CommandFailure(
                "the answer does not say where the ledger's chains end: is a proxy between here"
                    + " and the server that drops its header lines?")
        }
        self.bytes = bytes
        head = LedgerHead(
            batch: entries.number, hash: entries.hash, audit: audit.number, auditHash: audit.hash)
    }

    private static func end(_ text: String?) -> (number: Int64, hash: [UInt8])? {
        let words = (text ?? "").split(separator: " ").map(String.init)
        guard words.count == 2, let number = Int64(words[0]), number >= 0,
            let hash = [UInt8](hexadecimal: words[1]), hash.count == 32
        else { return nil }
        return (number, hash)
    }

    /// The receipt for a person.
    var text: String {
        "\(LedgerVerification.grouped(Int(bytes))) bytes\n\n" + LedgerVerification.text(head)
    }
}
