/// The columns that a CSV file may have, and what becomes of their values.
struct CSVLayout: Sendable {
    /// How the value of a column is written.
    enum Value: Sendable {
        case text
        case time
        /// A count from 0; `isUse` says that a row of 0 units is passed over.
        case units(isUse: Bool)
        case flag
        /// `api_calls/day=100;ai_tokens/month=5000`.
        case limits
    }

    /// A column.
    struct Column: Sendable {
        /// Its name in the header.
        var name: String
        /// The member of the item that it fills.
        var member: String
        var value: Value
        var isRequired = false
        /// Whether the member belongs to the item's `credential`.
        var isCredential = false
    }

    /// What the rows are.
    var kind: ImportKind
    var columns: [Column]
    /// Members that every item has, as JSON: `"meter":"api_calls"`.
    var constants = ""

    /// Tenants, as the API has them.
    static let tenants = CSVLayout(
        kind: .tenants,
        columns: [
            "id", "name", "plan", "organization", "time_zone", "billing_anchor",
            "billing_interval", "status", "currency",
        ]
        .map { Column(name: $0, member: $0, value: .text, isRequired: $0 == "id") })

    /// Keys, as the API has them; the last three columns are the credential.
    static let keys = CSVLayout(
        kind: .keys,
        columns: [
            Column(name: "id", member: "id", value: .text, isRequired: true),
            Column(name: "tenant", member: "tenant", value: .text, isRequired: true),
            Column(name: "name", member: "name", value: .text),
            Column(name: "status", member: "status", value: .text),
            Column(name: "test", member: "test", value: .flag),
            Column(name: "limits", member: "limits", value: .limits),
            Column(name: "created_at", member: "created_at", value: .time),
            Column(name: "expires_at", member: "expires_at", value: .time),
            Column(name: "public_id", member: "public_id", value: .text, isCredential: true),
            Column(name: "digest", member: "digest", value: .text, isCredential: true),
            Column(
                name: "pepper_version", member: "pepper_version", value: .units(isUse: false),
                isCredential: true),
        ])

    /// Use by API key and date.
    static func daily(meter: String, source: String) -> CSVLayout {
        CSVLayout(
            kind: .usage,
            columns: [
                Column(name: "api_key_id", member: "key", value: .text, isRequired: true),
                Column(name: "date", member: "date", value: .text, isRequired: true),
                Column(
                    name: "request_count", member: "units", value: .units(isUse: true),
                    isRequired: true),
                Column(name: "last_request_at", member: "last_request_at", value: .time),
                Column(name: "tenant", member: "tenant", value: .text),
            ],
            constants: UsageItem.constants(meter: meter, source: source))
    }
}
