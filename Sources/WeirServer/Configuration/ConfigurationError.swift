/// A setting that can't be used, for people.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, where, and the way out.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
