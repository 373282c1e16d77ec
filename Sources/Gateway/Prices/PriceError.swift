/// A price that can't be used.
package struct PriceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and the way out.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
