import StrictJSON

/// A key or an endpoint with the secret that is shown once.
enum SecretText {
    /// The members, and the secret by itself at the end.
    static func text(_ answer: JSONValue, named name: String = "key") -> String {
        guard var members = answer.objectValue, let secret = members[name] else {
            return MemberTable.record(answer)
        }
        members[name] = nil
        return MemberTable.record(.object(members))
            + "\nThe secret, shown this once:\n\n  \(MemberTable.cell(secret))\n"
    }
}
