/// The `Idempotency-Key` header: a Structured-Field string, or the bare text.
enum IdempotencyKeyHeader {
    /// The key; nil when the field is neither.
    static func parse(_ field: String) -> String? {
        var rest = field.unicodeScalars[...]
        guard rest.first == "\"" else { return rest.contains("\"") ? nil : field }
        rest.removeFirst()
        var key = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return rest.isEmpty ? String(key) : nil
            case "\\":
                guard let escaped = rest.popFirst(), escaped == "\"" || escaped == "\\" else {
                    return nil
                }
                key.append(escaped)
            default: key.append(scalar)
            }
        }
        return nil
    }
}
