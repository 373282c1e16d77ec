import StrictJSON

/// Turns a tenant's use by date, key and model into lines of an export.
///
/// A credit has no key, whatever keys the use had that it takes back: what the credits of a meter
/// and date exceed its use without a key by is taken from that of the keys, so that the sum is
/// right.
struct UsageLines {
    private let tenant: String
    /// The rows of the date that is being read.
    private var rows: [JSONValue] = []

    init(tenant: String) {
        self.tenant = tenant
    }

    /// Takes the next rows, in the order of their dates; answers the lines of the dates before.
    mutating func take(_ next: [JSONValue]) -> [UInt8] {
        var lines: [UInt8] = []
        for row in next {
            if row["date"] != rows.first?["date"] { lines += finish() }
            rows.append(row)
        }
        return lines
    }

    /// The lines of the last date.
    mutating func finish() -> [UInt8] {
        defer { rows = [] }
        var credits: [String: Int64] = [:]
        for row in rows where row.units < 0 {
            credits[row.meter] = Int64(clamping: row.units.magnitude)
        }
        return rows.filter { $0.units > 0 }
            .flatMap { row -> [UInt8] in
                let credited = min(credits[row.meter] ?? 0, row.units)
                credits[row.meter]? -= credited
                return credited < row.units ? line(row, units: row.units - credited) : []
            }
    }

    private func line(_ row: JSONValue, units: Int64) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("kind", ExportPart.usage)
            writer.member("tenant", tenant)
            if let key = row["key"], key != "_service" { writer.member("key", key) }
            if let model = row["model"], !model.isNull { writer.member("model", model) }
            writer.member("meter", row["meter"] ?? .null)
            writer.member("date", row["date"] ?? .null)
            writer.member("units", units)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

extension JSONValue {
    fileprivate var meter: String { self["meter"]?.stringValue ?? "" }
    fileprivate var units: Int64 { self["units"]?.integerValue ?? 0 }
}
