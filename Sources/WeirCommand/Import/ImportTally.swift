/// What became of the rows of an import so far.
struct ImportTally: Sendable, Equatable {
    /// The most failures that are shown by themselves.
    static let shownFailures = 20

    /// A row that could not be imported.
    struct Failure: Sendable, Equatable {
        var line: Int
        var detail: String
        /// The row, as it can be imported again; empty where nobody asked for it.
        var text: [UInt8] = []
    }

    var created = 0
    var updated = 0
    var skipped = 0
    private(set) var failed = 0
    /// The first of the failures.
    private(set) var failures: [Failure] = []
    private(set) var passed: [PassReason: Int] = [:]
    /// What the server warned of, each thing once.
    private(set) var warnings: [String] = []
    /// Bytes of the file that were read.
    var bytesRead = 0
    /// Rows that were read, whatever became of them.
    var rowsRead = 0

    /// Rows that are done with.
    var rows: Int { created + updated + skipped + failed + passed.values.reduce(0, +) }

    /// Notes what the server warns of.
    mutating func warn(_ texts: [String]) {
        for text in texts where warnings.count < Self.shownFailures && !warnings.contains(text) {
            warnings.append(text)
        }
    }

    /// Counts a row that is passed over.
    mutating func pass(_ reason: PassReason) { passed[reason, default: 0] += 1 }

    /// Counts a row that failed.
    mutating func fail(_ failure: Failure) {
        failed += 1
        guard failures.count < Self.shownFailures else { return }
        failures.append(Failure(line: failure.line, detail: failure.detail))
    }
}
