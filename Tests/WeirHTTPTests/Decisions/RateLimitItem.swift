/// One item of a `RateLimit` or `RateLimit-Policy` header: `"name";q=100;w=60`.
struct RateLimitItem: Equatable {
    let name: String
    let parameters: [String: Int64]

    /// Reads a list of Structured Fields; what does not follow the grammar is left out.
    static func list(_ field: String?) -> [RateLimitItem] {
        let item = #/"((?:[^"\\]|\\["\\])*)"((?:;[a-z]+=[0-9]{1,15})*)/#
        return (field ?? "").matches(of: item)
            .map { match in
                let pairs = match.output.2.split(separator: ";")
                    .map { pair in
                        let parts = pair.split(separator: "=")
                        return (String(parts[0]), Int64(parts[1]) ?? -1)
                    }
                return RateLimitItem(
                    name: String(match.output.1),
                    parameters: Dictionary(pairs) { first, _ in first })
            }
    }

    /// Whether the whole field follows the grammar, not only parts of it.
    static func isList(_ field: String) -> Bool {
        let item = #/"(?:[\x20\x21\x23-\x5B\x5D-\x7E]|\\["\\])*"(?:;[a-z]+=[0-9]{1,15})*/#
        return field.split(separator: ", ").allSatisfy { $0.wholeMatch(of: item) != nil }
    }
}
