import QuotaEngine
import QuotaLedger
import QuotaModel

// What must hold whatever was done.
extension Scenario {
    /// Fails unless every account adds up and the entries fold to the accounts, open and closed.
    func expectSound(_ moment: String = "at the end", line: UInt = #line) async throws {
        var sums: [AccountID: [Int64]] = [:]
        for entry in try await allBatches().flatMap(\.entries) {
            let deltas = [
                entry.capacity, entry.available, entry.escrowed, entry.suspect, entry.posted,
            ]
            let old = sums[entry.account] ?? [0, 0, 0, 0, 0]
            sums[entry.account] = zip(old, deltas).map { $0 + $1 }
        }
        var kept: [AccountID: [Int64]] = [:]
        for owner in Set(sums.keys.map(\.key.tenant)) {
            let closed = try await ledger.archives(of: owner, limit: 100_000).map(\.record)
            let holding = closed.filter { $0.account.escrowed != 0 }
            try expect(
                holding.isEmpty, "nothing is held in a closed period \(moment)",
                saw: "\(holding)", line: line)
            for record in try await ledger.accounts(of: owner) + closed {
                let account = record.account
                try expect(
                    account.isConserved, "every account is conserved \(moment)",
                    saw: "\(record)", line: line)
                try expect(
                    kept[record.id] == nil, "an account is open or closed \(moment)",
                    saw: "\(record.id) twice", line: line)
                kept[record.id] = [
                    account.capacity, account.available, account.escrowed, account.suspect,
                    account.posted,
                ]
            }
        }
        // An account that nothing ever moved in has no entry.
        let nothing: [Int64] = [0, 0, 0, 0, 0]
        try expectEqual(
            sums.filter { $0.value != nothing }, kept.filter { $0.value != nothing },
            "the sums of the entries \(moment)", line: line)
    }
}

/// Fails unless pages of 1, 2 and 1,000 rows have every row exactly once and in order.
func expectPages<Row: Equatable>(
    _ expected: [Row],
    _ promise: String,
    line: UInt = #line,
    _ page: (_ after: Row?, _ limit: Int) async throws -> [Row]
) async throws {
    for limit in [1, 2, 1_000] {
        var seen: [Row] = []
        while true {
            let rows = try await page(seen.last, limit)
            if rows.isEmpty { break }
            try expect(
                rows.count <= limit, "\(promise): a page has at most \(limit) rows",
                saw: "\(rows.count)", line: line)
            seen += rows
            try expect(
                seen.count <= expected.count, "\(promise): \(expected.count) rows in all",
                saw: "\(rows) after them", line: line)
        }
        try expectEqual(seen, expected, "\(promise), in pages of \(limit)", line: line)
    }
}
