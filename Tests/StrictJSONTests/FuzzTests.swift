import Foundation
import QuotaTesting
import StrictJSON
import Testing

/// Foundation's reader as an independent opinion.
///
/// It is more lenient than ours in a few places;
/// those are named, so that any other difference is a failure.
@Suite("Fuzzing")
struct FuzzTests {
    @Test("mutated documents: no trap, and no disagreement", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let source = Array(specimen.utf8)
        let alphabet = Array(#"{}[]",:0123456789-+.eE\/untrfalsb "#.utf8) + [0, 0x0A, 0x80, 0xC3]
        for round in 0..<5_000 {
            var bytes = source
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = alphabet.randomElement(using: &random)!
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(alphabet.randomElement(using: &random)!, at: index)
                default:
                    let other = Int.random(in: bytes.indices, using: &random)
                    bytes.swapAt(index, other)
                }
            }
            try compare(bytes, "seed \(seed), round \(round)")
        }
    }

    @Test("random trees are written and read without loss", arguments: [5, 6, 7] as [UInt64])
    func trees(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            let value = Self.tree(depth: 5, using: &random)
            let bytes = value.encodedBytes
            #expect(try JSONValue(parsing: bytes) == value, "seed \(seed), round \(round)")
            try compare(bytes, "seed \(seed), round \(round)")
            // The order of members makes no difference to the canonical form.
            let shuffled = Self.shuffled(value, using: &random)
            #expect(shuffled.canonicalBytes == value.canonicalBytes)
        }
    }

    @Test("random bytes do not trap", arguments: [8, 9] as [UInt64])
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let count = Int.random(in: 0..<24, using: &random)
            _ = refusal(of: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    private func compare(_ bytes: [UInt8], _ label: String) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        let theirs = try? JSONSerialization.jsonObject(
            with: Data(bytes),
            options: .fragmentsAllowed
        )
        do throws(JSONSyntaxError) {
            let ours = try JSONValue(parsing: bytes)
            guard let theirs else {
                // Foundation refuses numbers beyond the range of Double, which are numbers to us.
                #expect(Self.hasHugeNumber(ours), "\(label): only we accept \(text)")
                return
            }
            #expect(Self.agree(ours, theirs), "\(label): read differently: \(text)")
        } catch {
            let isKnownDifference =
                error.code == .duplicateMember || Self.isTrailingComma(bytes, error.offset)
            #expect(theirs == nil || isKnownDifference, "\(label): \(error) in \(text)")
        }
    }

    private static func agree(_ ours: JSONValue, _ theirs: Any) -> Bool {
        switch ours {
        case .null: return theirs is NSNull
        case .bool(let value): return (theirs as? Bool) == value
        case .number(let number):
            guard let their = theirs as? NSNumber else { return false }
            if let integer = number.integer { return their.int64Value == integer }
            // Foundation rounds some numbers twice, by way of a decimal.
            return number.double.map { abs($0 - their.doubleValue) <= abs($0) * 1e-14 } ?? false
        case .string(let value): return (theirs as? String).map { $0 == value } ?? false
        case .array(let elements):
            guard let their = theirs as? [Any], their.count == elements.count else { return false }
            return zip(elements, their).allSatisfy { agree($0, $1) }
        case .object(let object):
            guard let their = theirs as? [String: Any], their.count == object.members.count else {
                return false
            }
            return object.members.allSatisfy { member in
                their[member.name].map { agree(member.value, $0) } ?? false
            }
        }
    }

    /// Foundation lets `[1,]` and `{"a":1,}` pass.
    private static func isTrailingComma(_ bytes: [UInt8], _ offset: Int) -> Bool {
        let before = bytes[..<offset].last { $0 > UInt8(ascii: " ") }
        let closing = [UInt8(ascii: "]"), UInt8(ascii: "}")]
        return before == UInt8(ascii: ",") && offset < bytes.count
            && closing.contains(bytes[offset])
    }

    private static func hasHugeNumber(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let number): number.double == nil
        case .array(let elements): elements.contains(where: hasHugeNumber)
        case .object(let object): object.members.contains { hasHugeNumber($0.value) }
        case .null, .bool, .string: false
        }
    }

    private static func tree(depth: Int, using random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: depth == 0 ? 2...6 : 0...6, using: &random) {
        case 0:
            let count = Int.random(in: 0...4, using: &random)
            return .array((0..<count).map { _ in tree(depth: depth - 1, using: &random) })
        case 1:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                object[text(using: &random)] = tree(depth: depth - 3 < 0 ? 0 : 1, using: &random)
            }
            return .object(object)
        case 2: return .null
        case 3: return .bool(.random(using: &random))
        case 4: return .number(JSONNumber(.random(in: .min ... .max, using: &random)))
        case 5:
            let double = Double.random(in: -1e9...1e9, using: &random)
            return JSONNumber(literal: double.description).map(JSONValue.number) ?? .null
        default: return .string(text(using: &random))
        }
    }

    private static func text(using random: inout SeededRandom) -> String {
        let scalars: [Unicode.Scalar] = ["a", "b", "\"", "\\", "\0", "\n", "é", "\u{2028}", "😀"]
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            text.unicodeScalars.append(scalars.randomElement(using: &random)!)
        }
        return text
    }

    private static func shuffled(
        _ value: JSONValue,
        using random: inout SeededRandom
    ) -> JSONValue {
        switch value {
        case .array(let elements):
            return .array(elements.map { shuffled($0, using: &random) })
        case .object(let object):
            var result = JSONObject()
            for member in object.members.shuffled(using: &random) {
                result[member.name] = shuffled(member.value, using: &random)
            }
            return .object(result)
        default: return value
        }
    }
}
