/// A secret that no description, log line or dump shows.
package struct HiddenText: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The secret.
    package let text: String

    /// Wraps a secret.
    package init(_ text: String) {
        self.text = text
    }

    /// The same for all secrets.
    package var description: String { "(hidden)" }
    /// Without the secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
