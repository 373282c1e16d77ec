/// The key of a hash of use: `quota:hash:2026-04-09:0042`.
struct HashKey: Sendable, Equatable {
    let text: [UInt8]
    /// `2026-04-09`.
    let date: String
    /// `0042`; empty where there is none.
    let shard: String

    /// Reads a key; nil for one that does not begin with the prefix.
    init?(_ text: [UInt8], prefix: String) {
        guard text.starts(with: prefix.utf8) else { return nil }
        self.text = text
        let rest = text.dropFirst(prefix.utf8.count)
        let date = rest.prefix { $0 != UInt8(ascii: ":") }
        self.date = String(decoding: date, as: UTF8.self)
        shard = String(decoding: rest.dropFirst(date.count + 1), as: UTF8.self)
    }
}
