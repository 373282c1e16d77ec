import QuotaModel

/// A dump of the hashes `quota:hash:DATE:SHARD`, in any of the forms in which they are printed.
///
/// - a line for each field: `quota:hash:2026-04-09:0042 tenant123 150`, with white space or as CSV;
/// - a line with the key (or a prompt with `HGETALL key`), then what redis-cli prints: `1) "field"`
///   and `2) "value"` on a terminal, field and value on lines of their own in a pipe, and
///   `"field","value",…` with --csv.
struct QuotaHashSource: ImportSource {
    private let prefix: String
    private let meter: String
    private let source: String
    private var reader = LineReader(maximumBytes: 16 * 1_024 * 1_024)
    /// The key that stands above; nil before the first.
    private var key: HashKey?
    /// The field whose value comes next.
    private var field: [UInt8]?
    /// Elements of a line that are yet to be handed out, last first.
    private var elements: [[UInt8]] = []
    /// Key, field and value that were read last; empty where a line was something else.
    private var parts: [[UInt8]] = []

    init(prefix: String, meter: String, source: String) {
        self.prefix = prefix
        self.meter = meter
        self.source = source
    }

    var failedRowForm: FailedRowForm { .csv(header: []) }

    /// A line of its own for the field that was read last.
    var row: [UInt8] {
        if parts.isEmpty { return reader.text }
        return Array(parts.map { CSVRow.encoded($0) }.joined(separator: [UInt8(ascii: ",")]))
    }

    mutating func feed(_ chunk: [UInt8]) { reader.feed(chunk) }

    mutating func finish() { reader.finish() }

    mutating func next(into item: inout [UInt8]) throws(ImportFailure) -> ImportStep {
        while true {
            while let element = elements.popLast() {
                guard let name = field else {
                    field = element
                    continue
                }
                field = nil
                return encode(key, name, element, into: &item)
            }
            guard let next = reader.next() else {
                guard reader.isAtEnd else { return .needsMore }
                guard let name = field else { return .end }
                field = nil
                parts = [key?.text ?? [], name, []]
                return failed("the file ends after a field, before its value")
            }
            parts = []
            guard case .text(let line) = next else { return failed(reader.tooLong) }
            if let step = read(line, into: &item) { return step }
        }
    }

    /// Takes a line in; a step when it has a whole field of its own, or is wrong.
    private mutating func read(
        _ line: ArraySlice<UInt8>, into item: inout [UInt8]
    ) -> ImportStep? {
        let text = RedisText.trimmed(line)
        if text.isEmpty {
            // In a pipe an empty value is an empty line; between hashes it means nothing.
            if field != nil { elements = [[]] }
            return nil
        }
        if field == nil, let header = RedisText.key(in: text, prefix: prefix) {
            key = header
            return nil
        }
        if field == nil, let parts = RedisText.triple(text, prefix: prefix) {
            return encode(HashKey(parts[0], prefix: prefix), parts[1], parts[2], into: &item)
        }
        if field == nil, RedisText.isNoise(text) { return nil }
        guard key != nil, field != nil || !text.starts(with: prefix.utf8) else {
            return failed(
                "expected a key such as \(SafeText.line(prefix))2026-04-09:0042, alone on its"
                    + " line or before a field and its value")
        }
        if let element = RedisText.numbered(text) {
            elements = [element]
        } else if let list = RedisText.quotedList(text) {
            elements = list.reversed()
        } else {
            elements = [Array(text)]
        }
        return nil
    }

    private mutating func encode(
        _ key: HashKey?, _ name: [UInt8], _ value: [UInt8], into item: inout [UInt8]
    ) -> ImportStep {
        parts = [key?.text ?? [], name, value]
        guard let key, CivilDate(key.date) != nil else {
            return failed("the key has no date such as \(SafeText.line(prefix))2026-04-09")
        }
        let units = value.withUnsafeBufferPointer { JSONBytes.units($0) }
        guard let units else {
            let unsigned = value.drop { "+-.".utf8.contains($0) }
            if let first = unsigned.first, (48...57).contains(first) {
                return failed("the value must be an integer from 0 to \(Units.maximum)")
            }
            return .passed(.notANumber)
        }
        if units == 0 { return .passed(.zero) }
        item += Array("{\"tenant\":".utf8)
        guard name.withUnsafeBufferPointer({ JSONBytes.appendString($0, to: &item) }) else {
            return failed("the field is not UTF-8")
        }
        item += Array(",\"date\":\"\(key.date)\",\"units\":\(units),".utf8)
        // A tenant may stand in several shards of a day, and each is booked.
        let source = key.shard.isEmpty ? source : "\(source):\(key.shard)"
        item += Array(UsageItem.constants(meter: meter, source: source).utf8)
        item.append(UInt8(ascii: "}"))
        return .item(.usage, line: reader.line, makesSecret: false)
    }

    private func failed(_ what: String) -> ImportStep { .failed(line: reader.line, what) }
}
