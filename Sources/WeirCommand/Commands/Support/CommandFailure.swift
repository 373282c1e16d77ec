/// Why a command ends with exit code 1, in words for a person.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    /// What went wrong, and what to do next.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
