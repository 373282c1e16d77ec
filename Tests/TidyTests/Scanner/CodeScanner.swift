/// Tells Swift code from comments and strings, well enough for rules about words.
///
/// Knows nested comments, strings of one and of many lines, raw strings and interpolations (which
/// are code). Regular expression literals are taken for code.
struct CodeScanner {
    private let source: [UInt8]
    private var result: [UInt8]
    private var offset = 0

    /// The same bytes, as many lines, with comments as spaces and strings as underscores.
    static func blankingCommentsAndStrings(_ source: [UInt8]) -> [UInt8] {
        var scanner = CodeScanner(source: source, result: source)
        scanner.scanCode(isInterpolation: false)
        return scanner.result
    }

    private func byte(_ distance: Int = 0) -> UInt8 {
        offset + distance < source.count ? source[offset + distance] : 0
    }

    /// Steps over code; in an interpolation, up to the parenthesis that ends it.
    private mutating func scanCode(isInterpolation: Bool) {
        var depth = 0
        while offset < source.count {
            switch byte() {
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): scanLineComment()
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): scanBlockComment()
            case UInt8(ascii: "\""): scanString(hashes: 0)
            case UInt8(ascii: "#"):
                var hashes = 1
                while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
                let isString = byte(hashes) == UInt8(ascii: "\"")
                offset += hashes
                if isString { scanString(hashes: hashes) }
            case UInt8(ascii: "("):
                depth += 1
                offset += 1
            case UInt8(ascii: ")"):
                offset += 1
                depth -= 1
                if isInterpolation, depth < 0 { return }
            default: offset += 1
            }
        }
    }

    private mutating func scanLineComment() {
        while offset < source.count, byte() != UInt8(ascii: "\n") { blank(with: " ") }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                blank(with: " ")
            } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                blank(with: " ")
            }
            blank(with: " ")
        } while depth > 0 && offset < source.count
    }

    /// Steps over a string; `offset` is at its first quote, after its hashes.
    private mutating func scanString(hashes: Int) {
        let quotes = isQuoted(3) ? 3 : 1
        offset += quotes
        while offset < source.count {
            if isQuoted(quotes), hasHashes(hashes, after: quotes) {
                offset += quotes + hashes
                return
            }
            if byte() == UInt8(ascii: "\n"), quotes == 1 { return }
            if byte() == UInt8(ascii: "\\"), hasHashes(hashes, after: 1) {
                for _ in 0...hashes { blank(with: "_") }
                if byte() == UInt8(ascii: "(") {
                    offset += 1
                    scanCode(isInterpolation: true)
                    continue
                }
            }
            blank(with: "_")
        }
    }

    private func isQuoted(_ quotes: Int) -> Bool {
        (0..<quotes).allSatisfy { byte($0) == UInt8(ascii: "\"") }
    }

    private func hasHashes(_ hashes: Int, after distance: Int) -> Bool {
        (0..<hashes).allSatisfy { byte(distance + $0) == UInt8(ascii: "#") }
    }

    private mutating func blank(with replacement: Unicode.Scalar) {
        guard offset < source.count else { return }
        if source[offset] != UInt8(ascii: "\n") { result[offset] = UInt8(ascii: replacement) }
        offset += 1
    }
}
