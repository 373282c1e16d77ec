import StrictJSON

/// Items that go to the server in one request.
struct ImportBatch: Sendable, Equatable {
    /// The most items of one request.
    static let maximumItems = 10_000
    /// The most where a lost answer would lose new secrets with it.
    static let maximumSecretItems = 500
    /// From this size on nothing is added; an item more stays below the server's 4 MiB.
    static let fullBytes = 3 * 1_024 * 1_024

    let kind: ImportKind
    /// Whether the answer may have new secrets.
    private(set) var makesSecrets = false
    /// The line of each item.
    private(set) var lines: [Int] = []
    /// The row of each item, as it can be imported again.
    private var rows: [[UInt8]] = []
    /// The items, with commas between them.
    private var bytes: [UInt8] = []
    /// Where each item ends in `bytes`.
    private var ends: [Int] = []

    init(_ kind: ImportKind) {
        self.kind = kind
    }

    /// How many items there are.
    var count: Int { lines.count }

    /// Whether it must be sent before anything is added.
    var isFull: Bool {
        count >= (makesSecrets ? Self.maximumSecretItems : Self.maximumItems)
            || bytes.count >= Self.fullBytes
    }

    /// Adds an item; `row` is what it was read from, where that is asked for.
    mutating func add(_ item: [UInt8], line: Int, row: [UInt8] = [], makesSecret: Bool) {
        if !lines.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes += item
        ends.append(bytes.count)
        lines.append(line)
        rows.append(row)
        makesSecrets = makesSecrets || makesSecret
    }

    /// What is noted when an item fails; an answer may speak of one that is not there.
    func failure(_ index: Int, _ detail: String) -> ImportTally.Failure {
        guard lines.indices.contains(index) else { return .init(line: 0, detail: detail) }
        return .init(line: lines[index], detail: detail, text: rows[index])
    }

    /// The same without one item.
    func removing(_ index: Int) -> ImportBatch {
        var batch = ImportBatch(kind)
        batch.bytes.reserveCapacity(bytes.count)
        for other in lines.indices where other != index {
            let start = other == 0 ? 0 : ends[other - 1] + 1
            batch.add(
                Array(bytes[start..<ends[other]]), line: lines[other], row: rows[other],
                makesSecret: makesSecrets)
        }
        return batch
    }

    /// The request's body.
    func body(onConflict: ConflictRule?, reason: String?) -> [UInt8] {
        var body = Array("{\"kind\":\"\(kind.rawValue)\",".utf8)
        body.reserveCapacity(bytes.count + 2_048)
        if let onConflict, kind != .usage, kind != .grants {
            body += Array("\"on_conflict\":\"\(onConflict.rawValue)\",".utf8)
        }
        if let reason {
            body += Array("\"reason\":".utf8) + JSONValue.string(reason).encodedBytes
            body.append(UInt8(ascii: ","))
        }
        body += Array("\"items\":[".utf8)
        body += bytes
        body += Array("]}".utf8)
        return body
    }
}

/// What happens to what is there already.
enum ConflictRule: String, CaseIterable, Sendable {
    case skip
    case update
}
