import PostgresWire
import QuotaLedger

extension LedgerError {
    /// What an error of the database means for the ledger.
    init(_ error: PostgresError) {
        switch error.kind {
        case .unreachable, .lost: self.init(.unreachable, "the ledger is out of reach: \(error)")
        case .address: self.init(.unusableFolder, error.description)
        case .refused(let state): self.init(state, error.description)
        }
    }

    /// What an `SQLSTATE` means; the classes are those of PostgreSQL's manual, appendix A.
    private init(_ state: String, _ message: String) {
        switch state {
        case "53100": self.init(.diskFull, "the database's disk is full; nothing was written")
        case "40001", "40P01", "55P03":
            self.init(.busy, "another node holds the ledger; nothing was written")
        case "25006":
            self.init(
                .unreachable,
                "the database is a read-only replica: name the primary; nothing was written")
        case "25P03", "57P01", "57P02", "57P03", "57P05", "57014":
            self.init(.unreachable, "the ledger is out of reach: \(message)")
        default:
            if state.hasPrefix("08") || state.hasPrefix("53") {
                self.init(.unreachable, "the ledger is out of reach: \(message)")
            } else if state.hasPrefix("23") {
                self.init(
                    .invariant, "a row would break the schema; nothing was written: \(message)")
            } else {
                self.init(
                    .invariant,
                    "the database refuses it (\(state)); nothing was written: \(message)")
            }
        }
    }
}
