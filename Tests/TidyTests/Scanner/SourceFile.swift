/// A text file of the repository, as the rules see it.
struct SourceFile: Sendable {
    /// From the root: `Sources/QuotaModel/Time/Period.swift`.
    let path: String
    let text: String
    /// The bytes of ``text``.
    let bytes: [UInt8]
    /// Those bytes with comments and the contents of strings blanked: where words are code.
    let code: [UInt8]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        bytes = Array(text.utf8)
        code = path.hasSuffix(".swift") ? CodeScanner.blankingCommentsAndStrings(bytes) : bytes
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isC: Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }
    var isMarkdown: Bool { path.hasSuffix(".md") }
    var isInSources: Bool { path.hasPrefix("Sources/") }
    var isInTests: Bool { path.hasPrefix("Tests/") }

    /// The target under `Sources/` that this belongs to.
    var sourceTarget: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" else { return nil }
        return String(parts[1])
    }

    func hasPrefix(in prefixes: [String]) -> Bool {
        prefixes.contains { path.hasPrefix($0) }
    }

    /// A finding for every place where `word` is code.
    func findings(of word: Word, saying what: String? = nil) -> [Finding] {
        word.offsets(in: code)
            .map { offset in
                Finding(path: path, line: line(at: offset), what: what ?? "`\(word.text)`")
            }
    }

    /// A finding for every place where `word` stands at all, also in comments and strings.
    func findingsAnywhere(of word: Word) -> [Finding] {
        word.offsets(in: bytes)
            .map { offset in
                Finding(path: path, line: line(at: offset), what: "`\(word.text)`")
            }
    }

    private func line(at offset: Int) -> Int {
        bytes[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
    }
}
