/// A server that could not be started or does not answer as it should, in words for a person.
package struct ServerFailure: Error, CustomStringConvertible {
    /// What went wrong.
    package let description: String

    /// Creates a failure.
    package init(_ description: String) {
        self.description = description
    }
}
