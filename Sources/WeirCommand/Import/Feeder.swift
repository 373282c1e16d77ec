/// Reads rows, fills batches and starts their sending: the one loop of an import.
struct Feeder {
    /// The most failures of one part of the file.
    private static let maximumFailures = 10_000

    let importer: Importer
    private var batch: ImportBatch?
    private var item: [UInt8] = []
    private var underWay = 0
    /// The part of the file that is being read.
    private var part = 0
    /// Rows of the part that failed before they were sent.
    private var failures: [ImportTally.Failure] = []

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
            if importer.ledger.tally.bytesRead == 0, ImportFile.isUTF16(chunk) {
                throw ImportFailure(line: 1, "this is UTF-16: save the file as UTF-8")
            }
            source.feed(chunk)
            importer.ledger.update { $0.bytesRead += chunk.count }
        } else {
            source.finish()
        }
        while true {
            item.removeAll(keepingCapacity: true)
            let step = try source.next(into: &item)
            if step == .needsMore || step == .end { return step == .needsMore }
            importer.ledger.update { $0.rowsRead += 1 }
            switch step {
            case .item(let kind, let line, let makesSecret):
                // Kinds build on each other: keys need their tenants.
                if let batch, batch.kind != kind { try await drain(&group) }
                if batch == nil { batch = ImportBatch(kind) }
                let row = row(of: source)
                batch?.add(item, line: line, row: row, makesSecret: makesSecret)
                if batch?.isFull == true { try await flush(&group) }
            case .change(let entry):
                try await drain(&group)
                if let detail = await importer.change(entry) {
                    fail(entry.line, detail, source)
                }
            case .passed(let reason): importer.ledger.update { $0.pass(reason) }
            case .failed(let line, let detail):
                fail(line, detail, source)
                if failures.count >= Self.maximumFailures { try await flush(&group) }
            case .needsMore, .end: break
            }
            if let reason = importer.ledger.stopReason { throw CommandFailure(reason) }
        }
    }

    /// The row that a source has read last, where the rows that fail are asked for.
    private func row(of source: some ImportSource) -> [UInt8] {
        guard importer.ledger.keepsRows else { return [] }
        importer.ledger.write(as: source.failedRowForm)
        return source.row
    }

    private mutating func fail(_ line: Int, _ detail: String, _ source: some ImportSource) {
        failures.append(.init(line: line, detail: detail, text: row(of: source)))
    }

    /// Ends a part of the file: starts the sending of what was collected, once there is room.
    mutating func flush(_ group: inout ThrowingTaskGroup<Void, any Error>) async throws {
        let (part, failures) = (part, failures)
        guard batch != nil || !failures.isEmpty else { return }
        self.part += 1
        self.failures = []
        guard let full = batch else {
            importer.ledger.finish(part, failures)
            return
        }
        batch = nil
        if underWay >= importer.parallel {
            try await group.next()
            underWay -= 1
        }
        let importer = importer
        group.addTask { await importer.send(full, part: part, failures) }
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
