import StrictJSON

/// What tells one answer from another: its number, its time, and who gave it.
package struct MockIdentity: Sendable {
    /// How many requests came before.
    package let number: UInt64
    /// When it began, in seconds since 1970.
    package let created: Int64

    /// Names an answer.
    package init(number: UInt64, created: Int64) {
        self.number = number
        self.created = created
    }

    /// The id, with what stands before it: `chatcmpl-000000000000002a`.
    func id(_ kind: String) -> String {
        let digits = String(number, radix: 16)
        return kind + String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
    }
}
