import StrictJSON

/// What `weir export` wrote, line by line.
struct SnapshotSource: ImportSource {
    private let takesUsage: Bool
    private var reader = LineReader(maximumBytes: 1_024 * 1_024)

    /// `takesUsage` says whether lines of use are imported too.
    init(takesUsage: Bool) {
        self.takesUsage = takesUsage
    }

    /// The kinds of lines.
    static let kinds =
        [SnapshotHeader.kind, ExportPart.usage] + ExportPart.allCases.map(\.rawValue)

    var failedRowForm: FailedRowForm { .jsonLines }

    var row: [UInt8] { reader.text }

    mutating func feed(_ chunk: [UInt8]) { reader.feed(chunk) }

    mutating func finish() { reader.finish() }

    mutating func next(into item: inout [UInt8]) throws(ImportFailure) -> ImportStep {
        while let next = reader.next() {
            guard case .text(let line) = next else { return failed(reader.tooLong) }
            if line.isEmpty { continue }
            guard let step = try read(line, into: &item) else { continue }
            return step
        }
        if reader.isAtEnd, reader.line == 0 { throw ImportFailure(line: 1, "the file is empty") }
        return reader.isAtEnd ? .end : .needsMore
    }

    private func read(
        _ line: ArraySlice<UInt8>, into item: inout [UInt8]
    ) throws(ImportFailure) -> ImportStep? {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line)
        } catch {
            return failed("column \(error.column): \(error.message)")
        }
        guard var object = value.objectValue, let kind = object["kind"]?.stringValue else {
            return failed("expected an object with \"kind\", as weir export writes it")
        }
        object["kind"] = nil
        object[FailedRowForm.name] = nil
        switch kind {
        case SnapshotHeader.kind:
            guard object["version"]?.integerValue == SnapshotHeader.version else {
                throw ImportFailure(line: reader.line, "this snapshot is of another version")
            }
            return nil
        case "tenant": return add(object, .tenants, to: &item)
        case "key": return key(object, to: &item)
        case "allocation": return add(object, .allocations, to: &item)
        case "grant": return grant(object, to: &item)
        case ExportPart.usage: return takesUsage ? add(object, .usage, to: &item) : .passed(.usage)
        case "service_key":
            object["service"] = .bool(true)
            return key(object, to: &item)
        default:
            guard let kind = ManifestKind(rawValue: kind) else {
                return failed("unknown kind \"\(SafeText.line(kind))\"")
            }
            if let meterKind = object["meter_kind"] {
                object["meter_kind"] = nil
                object["kind"] = meterKind
            }
            return .change(ManifestEntry(kind: kind, line: reader.line, members: object))
        }
    }

    private func key(_ object: JSONObject, to item: inout [UInt8]) -> ImportStep {
        if object["credential"]?.isNull ?? true {
            return object["status"]?.stringValue == "revoked"
                ? .passed(.revokedKey)
                : failed("the key has no credential: it was exported by another program")
        }
        return add(object, .keys, to: &item)
    }

    /// What is left of a top-up; where use is imported too, what there was before that use.
    private func grant(_ object: JSONObject, to item: inout [UInt8]) -> ImportStep {
        let units = object[takesUsage ? "remaining_at_period_start" : "remaining"]
        if units == 0 { return .passed(.spentGrant) }
        var object = object
        for name in ["remaining", "remaining_at_period_start"] { object[name] = nil }
        object["units"] = units
        return add(object, .grants, to: &item)
    }

    private func add(
        _ object: JSONObject, _ kind: ImportKind, to item: inout [UInt8]
    ) -> ImportStep {
        item += JSONValue.object(object).encodedBytes
        return .item(kind, line: reader.line, makesSecret: false)
    }

    private func failed(_ what: String) -> ImportStep { .failed(line: reader.line, what) }
}

/// The first line of a snapshot.
enum SnapshotHeader {
    static let kind = "weir_export"
    static let version: Int64 = 1
}
