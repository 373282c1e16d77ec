/// Traces of the machine and of the merge on which something was written.
enum LeftoverRule {
    /// Files that may name such paths, each with a reason; none so far.
    static let allowedFiles: [String] = []

    static let why = """
        A path of one machine means nothing on another, and a merge marker is a merge that was \
        not finished. Use a path relative to the repository or a temporary folder; if the file \
        must name it, add it to LeftoverRule.allowedFiles.
        """

    // In parts, or this file would find itself.
    private static let paths = ["/wo" + "rk/", "/opt/" + "swift", "/ro" + "ot/"]
    private static let markers = ["<<<" + "<<<< ", ">>>" + ">>>> ", "|||" + "|||| "]

    static func findings(in file: SourceFile) -> [Finding] {
        guard !allowedFiles.contains(file.path) else { return [] }
        return paths.flatMap { pathFindings($0, in: file) }
            + markers.flatMap { markerFindings($0, in: file) }
    }

    private static func pathFindings(_ path: String, in file: SourceFile) -> [Finding] {
        Word(path, isFragment: true).offsets(in: file.bytes)
            .filter { offset in offset == 0 || !continuesPath(file.bytes[offset - 1]) }
            .map { finding(path, at: $0, in: file) }
    }

    private static func markerFindings(_ marker: String, in file: SourceFile) -> [Finding] {
        Word(marker, isFragment: true).offsets(in: file.bytes)
            .filter { offset in offset == 0 || file.bytes[offset - 1] == UInt8(ascii: "\n") }
            .map { finding(marker, at: $0, in: file) }
    }

    /// Whether a slash after this byte is in the middle of a path or link, not at its start.
    private static func continuesPath(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return character.isLetter || character.isNumber || "._-~/}".contains(character)
    }

    private static func finding(_ text: String, at offset: Int, in file: SourceFile) -> Finding {
        let line = file.bytes[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
        return Finding(path: file.path, line: line, what: "`\(text)`")
    }
}
