/// How text is laid out.
enum LayoutRule {
    static let mostLines = 500
    static let mostColumns = 100

    static let whyLength = """
        A file of more than \(mostLines) lines has more than one subject: give each type its \
        own. Lines end by column \(mostColumns), so that two files fit side by side. Links may \
        be longer, and in tests the contents of strings.
        """

    static let whyBlanks = """
        Tabs, blanks at the end of a line and a missing last newline show up as changes that \
        change nothing. `swift format` removes them; most editors can. A Caddyfile is indented \
        by tabs, and fixtures are as other programs write them.
        """

    static func lengths(of file: SourceFile) -> [Finding] {
        guard file.isSwift || file.isC, file.isInSources || file.isInTests else { return [] }
        let lines = Self.lines(of: file.bytes)
        let code = Self.lines(of: file.code)
        var findings: [Finding] = []
        if lines.count > mostLines {
            findings.append(Finding(path: file.path, what: "\(lines.count) lines"))
        }
        for (index, line) in lines.enumerated() where line.count > mostColumns {
            let text = String(decoding: line, as: UTF8.self)
            guard text.count > mostColumns, !text.contains("://") else { continue }
            if file.isInTests, withoutStrings(code[index]).count <= mostColumns { continue }
            findings.append(
                Finding(path: file.path, line: index + 1, what: "\(text.count) columns")
            )
        }
        return findings
    }

    static func blanks(in file: SourceFile) -> [Finding] {
        if file.path.hasSuffix("/Caddyfile") || file.path.contains("/Fixtures/") { return [] }
        var findings: [Finding] = []
        for (index, line) in Self.lines(of: file.bytes).enumerated() {
            if line.contains(UInt8(ascii: "\t")) {
                findings.append(Finding(path: file.path, line: index + 1, what: "a tab"))
            }
            if let last = line.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\r") {
                findings.append(Finding(path: file.path, line: index + 1, what: "blank at its end"))
            }
        }
        if let last = file.bytes.last, last != UInt8(ascii: "\n") {
            findings.append(Finding(path: file.path, what: "no newline at its end"))
        }
        return findings
    }

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last newline is no line.
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// A line of blanked code without what stood in its strings.
    private static func withoutStrings(_ line: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in line where byte != UInt8(ascii: "_") || result.last != byte {
            result.append(byte)
        }
        return result
    }
}
