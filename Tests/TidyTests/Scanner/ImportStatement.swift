/// An `import` of a Swift file.
struct ImportStatement: Equatable {
    let module: String
    let line: Int

    /// The imports of a file: `import A`, `@testable import A`, `public import struct A.B`.
    static func all(in file: SourceFile) -> [ImportStatement] {
        // Without the word nothing needs to be split into lines.
        guard !Word("import").offsets(in: file.code).isEmpty else { return [] }
        let lines = file.code.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.enumerated()
            .compactMap { index, bytes in
                let tokens = String(decoding: bytes, as: UTF8.self).split(separator: " ")
                guard let position = tokens.firstIndex(of: "import"),
                    tokens[..<position].allSatisfy(isModifier)
                else { return nil }
                let names = tokens[(position + 1)...].drop(while: kinds.contains)
                guard let module = names.first?.split(separator: ".").first else { return nil }
                return ImportStatement(module: String(module), line: index + 1)
            }
    }

    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]

    private static func isModifier(_ token: Substring) -> Bool {
        token.hasPrefix("@")
            || ["public", "package", "internal", "fileprivate", "private"].contains(token)
    }
}
