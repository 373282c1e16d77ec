import StrictJSON

/// A kind of lines of an export, in the order in which an import needs them.
enum ExportPart: String, CaseIterable, Sendable {
    case meter
    case plan
    case organization
    case tenant
    case override
    case key
    case serviceKey = "service_key"

    /// What to ask for.
    var call: Call {
        switch self {
        case .meter: .admin(.get, "meters")
        case .plan: .admin(.get, "plans")
        case .organization: .admin(.get, "organizations")
        case .tenant: .admin(.get, "tenants")
        case .override: .admin(.get, "overrides")
        case .key: Call.admin(.get, "keys").asking("credentials", "true")
        case .serviceKey: Call.admin(.get, "service-keys").asking("credentials", "true")
        }
    }

    /// Members that say how things are going, and that no import takes.
    private var leftOut: [String] {
        switch self {
        case .meter, .plan: []
        case .organization: ["created_at"]
        case .tenant: ["warnings"]
        case .override: ["created_at", "expired"]
        case .key, .serviceKey: ["last_used_at", "previous_secret_expires_at"]
        }
    }

    /// The line of an object of the API, ending in a newline; nil for what is over.
    func line(_ value: JSONValue) -> [UInt8]? {
        guard let members = value.objectValue?.members else { return nil }
        if self == .override, value["expired"]?.boolValue == true { return nil }
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("kind", rawValue)
            for member in members where !leftOut.contains(member.name) {
                let value = member.value
                switch (self, member.name) {
                // The line has a kind of its own.
                case (.meter, "kind"): writer.member("meter_kind", value)
                // It has expired because of its time, which is there too.
                case (.key, "status") where value == "expired",
                    (.serviceKey, "status") where value == "expired":
                    writer.member("status", "active")
                default: writer.member(named: member.name, value)
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// The line of a row of a tenant's use by day; nil for a day without use.
    static func usageLine(_ row: JSONValue, tenant: String) -> [UInt8]? {
        guard let units = row["units"]?.integerValue, units > 0 else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("kind", "usage")
            writer.member("tenant", tenant)
            writer.member("meter", row["meter"] ?? .null)
            writer.member("date", row["date"] ?? .null)
            writer.member("units", units)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// The first line.
    static var header: [UInt8] {
        let kind = SnapshotHeader.kind
        return Array("{\"kind\":\"\(kind)\",\"version\":\(SnapshotHeader.version)}\n".utf8)
    }
}
