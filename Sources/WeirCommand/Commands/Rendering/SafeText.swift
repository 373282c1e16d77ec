/// Texts of others made fit for a terminal.
///
/// An id or a name can be anything. Control characters could move the cursor, change the title or
/// send keys; marks of direction could show it as another. They are shown as escapes.
enum SafeText {
    /// `text` with everything invisible or commanding written as `\u{1b}`.
    static func line(_ text: String) -> String {
        if isSafe(text) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isSafe(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }

    /// Whether `text` can be shown as it is.
    static func isSafe(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { isSafe($0) } }

    /// Whether a scalar only shows itself.
    static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20...0x7E).contains(scalar.value) { return true }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse,
            .surrogate:
            false
        default: true
        }
    }
}
