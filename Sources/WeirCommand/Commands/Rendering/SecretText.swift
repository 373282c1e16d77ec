import StrictJSON

/// A key with the secret that is shown once.
enum SecretText {
    /// The key's members, and the secret by itself at the end.
    static func text(_ answer: JSONValue) -> String {
        guard var members = answer.objectValue, let secret = members["key"] else {
            return MemberTable.record(answer)
        }
        members["key"] = nil
        return MemberTable.record(.object(members))
            + "\nThe secret, shown this once:\n\n  \(MemberTable.cell(secret))\n"
    }
}
