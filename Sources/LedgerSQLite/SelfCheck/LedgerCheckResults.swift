import QuotaLedger

/// The results of a check that is done in pieces: one that is fine, and those that are not.
struct LedgerCheckResults: Sendable {
    /// The most pieces with differences that are kept.
    private static let maximumPieces = 100

    private let fine: LedgerCheckResult
    private var differing: [LedgerCheckResult] = []

    /// Results of nothing yet.
    init(_ name: LedgerCheckResult.Name) {
        fine = LedgerCheckResult(name)
    }

    /// The results, of which there is one at least.
    var all: [LedgerCheckResult] { differing.isEmpty ? [fine] : differing }

    /// Takes the result of a piece.
    mutating func take(_ result: LedgerCheckResult) {
        guard !result.isFine, differing.count < Self.maximumPieces else { return }
        differing.append(result)
    }
}
