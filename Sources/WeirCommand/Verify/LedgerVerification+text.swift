import QuotaLedger
import WeirClient

extension LedgerVerification {
    /// The verification for a person: a line for each check, its first difference, and the heads.
    var text: String {
        let cells = checks.map { check in
            (
                name: check.name.rawValue,
                seen: check.counts.map(Self.text).joined(separator: ", "), verdict: check.verdict
            )
        }
        let width = (
            cells.map { DisplayWidth.of($0.name) }.max() ?? 0,
            cells.map { DisplayWidth.of($0.seen) }.max() ?? 0
        )
        var text = ""
        for (check, cell) in zip(checks, cells) {
            let name = TextTable.padded(cell.name, to: width.0, .left)
            let seen = TextTable.padded(cell.seen, to: width.1, .left)
            text += "\(name)  \(seen)  \(cell.verdict)\n"
            guard let first = check.first else { continue }
            text += "    at        \(SafeText.line(first.place))\n"
            text += "    found     \(SafeText.line(first.found))\n"
            text += "    expected  \(SafeText.line(first.expected))\n"
        }
        return text + "\n" + heads + "\n" + advice
    }

    private var heads: String { head.map(Self.text) ?? "the ledger has no head\n" }

    /// The ends of both chains, a line each.
    static func text(_ head: LedgerHead) -> String {
        line("head of the entries", head.batch, head.hash)
            + line("head of the audit", head.audit, head.auditHash)
    }

    private static func line(_ title: String, _ number: Int64, _ hash: [UInt8]) -> String {
        let title = TextTable.padded(title, to: 19, .left)
        return number == 0
            ? "\(title)  none yet\n" : "\(title)  \(hash.hexadecimal)  number \(number)\n"
    }

    private var advice: String {
        if isFine {
            return "Nothing differs. Note the heads where nobody who can write to the data folder"
                + " can write, and give them with --expect the next time.\n"
        }
        let failed = checks.count { !$0.isFine }
        return "\(failed) of \(checks.count) checks found differences; nothing was changed. Copy"
            + " the data folder as it is before anything else, then look for the last backup that"
            + " verifies; Documentation/verifying.md says what each difference means.\n"
    }

    private static func text(_ count: LedgerCheckResult.Count) -> String {
        "\(grouped(count.number)) \(count.noun)"
    }

    /// `1,234,567`.
    static func grouped(_ number: Int) -> String {
        var digits = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { digits.append(",") }
            digits.append(digit)
        }
        return String(digits.reversed())
    }
}

extension LedgerCheckResult {
    fileprivate var verdict: String {
        switch differences {
        case 0: "ok"
        case 1: "1 difference"
        default: "\(LedgerVerification.grouped(differences)) differences"
        }
    }
}
