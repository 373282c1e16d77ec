import Foundation
import WeirClient

/// Prints results: as a table at the end, or as JSON, each at once.
struct BenchReport {
    private let json: Bool
    private(set) var results: [BenchResult] = []

    init(json: Bool) {
        self.json = json
    }

    /// Takes a result.
    mutating func add(_ result: BenchResult) throws {
        results.append(result)
        guard json else { return }
        print(try result.json())
        // Programs that read along see each line when it is known.
        fflush(nil)
    }

    /// Prints the table.
    func finish() {
        if !json, !results.isEmpty { print(table, terminator: "") }
    }

    var table: String {
        var table = TextTable([
            ("bench", .left), ("value", .right), ("unit", .left), ("baseline", .left),
            ("value", .right), ("ratio", .right), ("target", .left), ("met", .left),
        ])
        for result in results {
            table.add([
                result.bench,
                Self.number(result.value),
                result.unit,
                result.baseline?.name ?? "",
                result.baseline.map { Self.number($0.value) } ?? "",
                result.ratio.map { TextTable.decimal($0, digits: 3) } ?? "",
                result.target?.words ?? "",
                result.isMet.map { $0 ? "yes" : "NO" } ?? "",
            ])
        }
        return table.text
    }

    /// About four digits.
    private static func number(_ value: Double) -> String {
        switch value.magnitude {
        case 100...: TextTable.decimal(value, digits: 0)
        case 10..<100: TextTable.decimal(value, digits: 1)
        default: TextTable.decimal(value, digits: 3)
        }
    }
}

extension BenchResult.Target {
    fileprivate var words: String {
        switch self {
        case .ratioAtLeast(let bound): "ratio >= \(Self.short(bound))"
        case .valueAtLeast(let bound): ">= \(Self.short(bound))"
        case .valueAtMost(let bound): "<= \(Self.short(bound))"
        }
    }

    private static func short(_ bound: Double) -> String {
        TextTable.decimal(bound, digits: bound == bound.rounded() ? 0 : 2)
    }
}
