/// How many columns of a terminal a text takes.
///
/// Source: the wide and fullwidth characters of Unicode Standard Annex 11, and what Technical
/// Standard 51 shows as emoji.
package enum DisplayWidth {
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x20000...0x3FFFD,
    ]

    /// Two columns for each wide character, one for each other; what combines takes none.
    package static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    private static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        let isEmoji = first.properties.isEmojiPresentation || scalars.contains("\u{FE0F}")
        if isEmoji || wide.contains(where: { $0.contains(first.value) }) { return 2 }
        // A mark that nothing stands before.
        let isMark = [.nonspacingMark, .enclosingMark].contains(first.properties.generalCategory)
        return isMark ? 0 : 1
    }
}
