/// The forms in which redis-cli prints.
enum RedisText {
    /// A line without white space around it.
    static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var line = line.drop(while: isSpace)
        while let last = line.last, isSpace(last) { line.removeLast() }
        return line
    }

    /// The key of a line that only names one: the key alone, with `#` before it, or a prompt
    /// with `HGETALL key`.
    static func key(in line: ArraySlice<UInt8>, prefix: String) -> HashKey? {
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard let last = words.last, words.count <= 3 else { return nil }
        if words.count > 1 {
            let before = String(decoding: words[words.count - 2], as: UTF8.self)
            guard ["#", ">"].contains(before) || before.lowercased() == "hgetall" else {
                return nil
            }
        }
        var key = Array(last)
        if key.first == UInt8(ascii: "\""), let list = quotedList(last), list.count == 1 {
            key = list[0]
        }
        // With a comma it is a row of CSV.
        guard !key.contains(UInt8(ascii: ",")) else { return nil }
        return HashKey(key, prefix: prefix)
    }

    /// Key, field and value of one line, with white space or commas between them; of CSV also with
    /// what was wrong with it before.
    static func triple(_ line: ArraySlice<UInt8>, prefix: String) -> [[UInt8]]? {
        let isQuoted = line.first == UInt8(ascii: "\"")
        guard isQuoted || line.starts(with: prefix.utf8) else { return nil }
        var row = CSVRow()
        let outcome = line.withUnsafeBufferPointer { row.read($0, from: 0, isLast: true) }
        if case .row = outcome, row.problem == nil, (3...4).contains(row.count) {
            let parts = (0..<3).map { Array(row.bytes[row.range($0)]) }
            return parts[0].starts(with: prefix.utf8) ? parts : nil
        }
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return words.count == 3 && !isQuoted ? words.map { Array($0) } : nil
    }

    /// `(empty array)`, `(nil)` and a line of dashes say nothing.
    static func isNoise(_ line: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: line, as: UTF8.self)
        return text.hasPrefix("(empty ") || text == "(nil)"
    }

    /// The element of `12) "tenant123"`.
    static func numbered(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        let rest = line.drop { (48...57).contains($0) }
        guard rest.count < line.count, rest.first == UInt8(ascii: ")") else { return nil }
        let element = trimmed(rest.dropFirst())
        guard let list = quotedList(element), list.count == 1 else { return nil }
        return list[0]
    }

    /// The elements of `"a","b"`; nil when the line is something else.
    static func quotedList(_ line: ArraySlice<UInt8>) -> [[UInt8]]? {
        var list: [[UInt8]] = []
        var rest = line
        while true {
            guard let (element, after) = quoted(rest) else { return nil }
            list.append(element)
            guard let next = after.first else { return list }
            guard next == UInt8(ascii: ",") else { return nil }
            rest = after.dropFirst()
        }
    }

    /// A string in quotes at the start, with the escapes of redis-cli, and what follows it.
    private static func quoted(
        _ text: ArraySlice<UInt8>
    ) -> (element: [UInt8], rest: ArraySlice<UInt8>)? {
        guard text.first == UInt8(ascii: "\"") else { return nil }
        var element: [UInt8] = []
        var index = text.startIndex + 1
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return (element, text[index...]) }
            guard byte == UInt8(ascii: "\\") else {
                element.append(byte)
                continue
            }
            guard index < text.endIndex else { return nil }
            let letter = text[index]
            index += 1
            switch letter {
            case UInt8(ascii: "n"): element.append(0x0A)
            case UInt8(ascii: "r"): element.append(0x0D)
            case UInt8(ascii: "t"): element.append(0x09)
            case UInt8(ascii: "a"): element.append(0x07)
            case UInt8(ascii: "b"): element.append(0x08)
            case UInt8(ascii: "x"):
                let digits = String(decoding: text[index...].prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                    return nil
                }
                element.append(value)
                index += 2
            default: element.append(letter)
            }
        }
        return nil
    }
}
