extension GrantID {
    /// The id as people see it: `node.3.17`.
    public var text: String { "\(holder).\(incarnation).\(sequence)" }

    /// Reads an id; nil when it does not have the form of one.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 3, let incarnation = Int64(parts[parts.count - 2]),
            let sequence = Int64(parts[parts.count - 1])
        else { return nil }
        self.init(
            holder: parts.dropLast(2).joined(separator: "."), incarnation: incarnation,
            sequence: sequence)
        guard self.text == text else { return nil }
    }
}
