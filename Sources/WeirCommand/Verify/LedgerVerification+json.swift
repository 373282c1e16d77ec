import QuotaLedger
import StrictJSON

extension LedgerVerification {
    /// The verification for a program.
    var json: JSONValue {
        [
            "ok": .bool(isFine), "checks": .array(checks.map(\.json)),
            "head": head.map(Self.json) ?? .null,
        ]
    }

    private static func json(_ head: LedgerHead) -> JSONValue {
        [
            "batch": .number(JSONNumber(head.batch)),
            "hash": head.batch == 0 ? .null : .string(head.hash.hexadecimal),
            "audit": .number(JSONNumber(head.audit)),
            "audit_hash": head.audit == 0 ? .null : .string(head.auditHash.hexadecimal),
        ]
    }
}

extension LedgerCheckResult {
    fileprivate var json: JSONValue {
        var seen = JSONObject()
        for count in counts { seen[count.noun] = .number(JSONNumber(Int64(count.number))) }
        let first = first.map { difference -> JSONValue in
            [
                "at": .string(difference.place), "found": .string(difference.found),
                "expected": .string(difference.expected),
            ]
        }
        return [
            "check": .string(name.rawValue), "ok": .bool(isFine), "seen": .object(seen),
            "differences": .number(JSONNumber(Int64(differences))), "first": first ?? .null,
        ]
    }
}
