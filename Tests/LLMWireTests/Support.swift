import LLMWire
import NIOCore
import QuotaTesting
import StrictJSON

/// Scans text as a request.
func scan(
    _ text: String,
    _ endpoint: Endpoint = .chatCompletions
) throws(RequestProblem) -> RequestScan {
    try RequestScan.scan(ByteBuffer(string: text), endpoint: endpoint)
}

/// The problem with a request, or nil when there is none.
func problem(with text: String, _ endpoint: Endpoint = .chatCompletions) -> RequestProblem? {
    problem(with: Array(text.utf8), endpoint)
}

func problem(with bytes: [UInt8], _ endpoint: Endpoint = .chatCompletions) -> RequestProblem? {
    do throws(RequestProblem) {
        _ = try RequestScan.scan(ByteBuffer(bytes: bytes), endpoint: endpoint)
        return nil
    } catch {
        return error
    }
}

/// Makes documents that say the same in many ways.
enum Writing {
    /// A value as JSON with white space and escapes where they may be.
    static func document(_ value: JSONValue, using random: inout SeededRandom) -> String {
        let blank = blanks(using: &random)
        switch value {
        case .null, .bool, .number: return blank + value.description + blanks(using: &random)
        case .string(let text): return blank + string(text, using: &random)
        case .array(let elements):
            let parts = elements.map { document($0, using: &random) }
            return blank + "[" + parts.joined(separator: ",") + "]" + blanks(using: &random)
        case .object(let object):
            let parts = object.members.map { member in
                string(member.name, using: &random) + blanks(using: &random) + ":"
                    + document(member.value, using: &random)
            }
            let inside = parts.joined(separator: "," + blanks(using: &random))
            return blank + "{" + inside + "}" + blanks(using: &random)
        }
    }

    /// Text with a few escapes; names of letters alone are mostly left as they are.
    private static func string(_ text: String, using random: inout SeededRandom) -> String {
        var result = "\""
        let isName = text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || $0 >= UInt8(ascii: "a") }
        for scalar in text.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if mustEscape || !isName && Int.random(in: 0..<6, using: &random) == 0 {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: .random(using: &random))
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func blanks(using random: inout SeededRandom) -> String {
        guard Int.random(in: 0..<8, using: &random) == 0 else { return "" }
        return [" ", "\n", "\t", "\r\n", "  "].randomElement(using: &random) ?? ""
    }

    /// A text of a few characters of every length in UTF-8.
    static func text(_ most: Int, using random: inout SeededRandom) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "b", " ", "\"", "\\", "\n", "\0", "é", "ü", "\u{7FF}", "\u{2028}", "狗", "😀", "z",
        ]
        let isPlain = Bool.random(using: &random)
        var text = ""
        for _ in 0..<Int.random(in: 0...most, using: &random) {
            let scalar = isPlain ? "t" : scalars.randomElement(using: &random) ?? "a"
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    /// Any value, not deep.
    static func value(depth: Int = 3, using random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: depth == 0 ? 2...6 : 0...6, using: &random) {
        case 0:
            let count = Int.random(in: 0...3, using: &random)
            return .array((0..<count).map { _ in value(depth: depth - 1, using: &random) })
        case 1:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                object[text(6, using: &random)] = value(depth: depth - 1, using: &random)
            }
            return .object(object)
        case 2: return .null
        case 3: return .bool(.random(using: &random))
        case 4:
            let literals = ["0", "-1", "1.5", "1e3", "9007199254740991", "-0", "12", "1.0E+2"]
            let literal = literals.randomElement(using: &random) ?? "0"
            return JSONNumber(literal: literal).map(JSONValue.number) ?? .null
        default: return .string(text(12, using: &random))
        }
    }
}

/// Changes a few bytes.
func mutated(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
    var bytes = bytes
    let alphabet = Array(#"{}[]",:0123456789-+.eE\/untrfalsbd "#.utf8) + [0, 9, 10, 13, 0x80, 0xC3]
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        let index = Int.random(in: bytes.indices, using: &random)
        let letter = alphabet.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[index] = letter
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(letter, at: index)
        case 3: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        default: bytes.removeSubrange(index...)
        }
    }
    return bytes
}
