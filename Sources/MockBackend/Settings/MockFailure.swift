/// Why a mock backend does not start.
package struct MockFailure: Error, CustomStringConvertible {
    /// What is wrong, in a sentence.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
