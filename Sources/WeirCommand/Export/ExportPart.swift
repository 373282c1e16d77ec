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
    case allocation
    case grant

    /// The kind of lines of use, which are no list of their own.
    static let usage = "usage"

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
        case .allocation: Call.admin(.get, "tenants").asking("allocations", "true")
        case .grant: Call.admin(.get, "tenants").asking("grants", "true")
        }
    }

    /// Members that say how things are going, and that no import takes.
    private var leftOut: [String] {
        switch self {
        case .meter, .plan, .allocation, .grant: []
        case .organization: ["created_at"]
        case .tenant: ["warnings"]
        case .override: ["expired"]
        case .key, .serviceKey: ["last_used_at", "previous_secret_expires_at"]
        }
    }

    /// The lines of an object of the API, each ending in a newline; none for what is over.
    func lines(_ value: JSONValue) -> [UInt8] {
        if self == .allocation { return Self.allocations(value) }
        if self == .grant { return Self.grants(value) }
        guard let members = value.objectValue?.members else { return [] }
        if self == .override, value["expired"]?.boolValue == true { return [] }
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

    /// What a tenant holds.
    private static func allocations(_ tenant: JSONValue) -> [UInt8] {
        (tenant["allocations"]?.arrayValue ?? [])
            .flatMap { held in
                var writer = JSONWriter()
                writer.object { writer in
                    writer.member("kind", allocation.rawValue)
                    writer.member("tenant", tenant["id"] ?? .null)
                    writer.member("meter", held["meter"] ?? .null)
                    writer.member("units", held["units"] ?? .null)
                }
                return writer.bytes + [UInt8(ascii: "\n")]
            }
    }

    /// The top-ups of a tenant.
    private static func grants(_ tenant: JSONValue) -> [UInt8] {
        (tenant["grants"]?.arrayValue ?? [])
            .flatMap { topUp in
                var writer = JSONWriter()
                writer.object { writer in
                    writer.member("kind", grant.rawValue)
                    writer.member("tenant", tenant["id"] ?? .null)
                    for member in topUp.objectValue?.members ?? [] {
                        writer.member(named: member.name, member.value)
                    }
                }
                return writer.bytes + [UInt8(ascii: "\n")]
            }
    }

    /// The first line.
    static var header: [UInt8] {
        let kind = SnapshotHeader.kind
        return Array("{\"kind\":\"\(kind)\",\"version\":\(SnapshotHeader.version)}\n".utf8)
    }
}
