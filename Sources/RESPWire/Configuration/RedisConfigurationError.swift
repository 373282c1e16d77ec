/// What is wrong with a configuration; it never tells a password.
public struct RedisConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and where.
    public let message: String

    /// Creates an error.
    public init(_ message: String) {
        self.message = message
    }

    /// What is wrong, and where.
    public var description: String { message }
}
