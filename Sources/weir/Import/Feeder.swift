/// Reads rows, fills batches and starts their sending: the one loop of an import.
struct Feeder {
    let importer: Importer
    private var batch: ImportBatch?
    private var item: [UInt8] = []
    private var underWay = 0

    init(importer: Importer) {
        self.importer = importer
    }

    /// Handles one chunk of the file; false at its end.
    mutating func step(
        _ source: inout some ImportSource,
        _ file: ImportFile,
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws -> Bool {
        try Task.checkCancellation()
        if let chunk = try file.read() {
            source.feed(chunk)
            importer.ledger.update { $0.bytesRead += chunk.count }
        } else {
            source.finish()
        }
        while true {
            item.removeAll(keepingCapacity: true)
            switch try source.next(into: &item) {
            case .item(let kind, let line, let makesSecret):
                try await add(kind, line: line, makesSecret: makesSecret, &group)
            case .change(let entry):
                try await drain(&group)
                await importer.change(entry)
            case .passed(let reason): importer.ledger.update { $0.pass(reason) }
            case .failed(let line, let detail): importer.ledger.fail(line: line, detail)
            case .needsMore: return true
            case .end: return false
            }
            if let reason = importer.ledger.stopReason { throw CommandFailure(reason) }
        }
    }

    private mutating func add(
        _ kind: ImportKind, line: Int, makesSecret: Bool,
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws {
        // Kinds build on each other: keys need their tenants.
        if let batch, batch.kind != kind { try await drain(&group) }
        if batch == nil { batch = ImportBatch(kind) }
        batch?.add(item, line: line, makesSecret: makesSecret)
        if batch?.isFull == true { try await flush(&group) }
    }

    /// Starts the sending of what was collected, once there is room for it.
    mutating func flush(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws {
        guard let full = batch else { return }
        batch = nil
        if underWay >= importer.parallel {
            try await group.next()
            underWay -= 1
        }
        let importer = importer
        group.addTask { await importer.send(full) }
        underWay += 1
        try Task.checkCancellation()
    }

    /// Sends what was collected and waits for all that is under way.
    private mutating func drain(
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws {
        try await flush(&group)
        while try await group.next() != nil {}
        underWay = 0
    }
}
