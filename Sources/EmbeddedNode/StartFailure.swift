/// Why a server or an embedded node could not start or go on, in one line for people.
public struct StartFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened and the way out.
    public let description: String

    /// Creates a failure.
    package init(_ description: String) {
        self.description = description
    }
}
