/// The kinds of items that the server imports.
enum ImportKind: String, Sendable {
    case tenants
    case keys
    case allocations
    case usage
    case grants
}

/// What a source makes of the next row of its file.
enum ImportStep: Equatable, Sendable {
    /// An item, which was written to the buffer; of a key, whether it gets a new secret.
    case item(ImportKind, line: Int, makesSecret: Bool)
    /// A change that has a request of its own.
    case change(ManifestEntry)
    /// A row that is passed over on purpose; the reason is counted.
    case passed(PassReason)
    /// A row that cannot be imported.
    case failed(line: Int, String)
    /// More input is needed.
    case needsMore
    case end
}

/// Why a row is passed over.
enum PassReason: String, CaseIterable, Sendable {
    case notANumber = "values that are no number, such as EXCEEDED"
    case zero = "counts of 0"
    case usage = "use: add --usage, on a server that has not metered it itself"
    case revokedKey = "revoked keys without a credential"
    case spentGrant = "top-ups of which nothing is left"
}

/// Turns a file, chunk by chunk, into what the server is to be sent.
protocol ImportSource: Sendable {
    /// Adds what comes next in the file.
    mutating func feed(_ chunk: [UInt8])

    /// Says that nothing comes any more.
    mutating func finish()

    /// How rows that fail are written.
    var failedRowForm: FailedRowForm { get }

    /// The row that was read last, as it can be imported again.
    var row: [UInt8] { get }

    /// Reads the next row; the JSON of an item is appended to `item`.
    mutating func next(into item: inout [UInt8]) throws(ImportFailure) -> ImportStep
}
