import Foundation

/// A piece of code to look for: a whole word, not the middle of a longer one.
struct Word: Sendable {
    let text: String
    /// A function of no type, like `print(`: neither a member nor a declaration of that name.
    var isFreeFunction = false
    /// Every place counts, whatever stands around it.
    var isFragment = false

    init(_ text: String, isFreeFunction: Bool = false, isFragment: Bool = false) {
        self.text = text
        self.isFreeFunction = isFreeFunction
        self.isFragment = isFragment
    }

    /// Where the word begins.
    func offsets(in bytes: [UInt8]) -> [Int] {
        let needle = Array(text.utf8)
        var found: [Int] = []
        bytes.withUnsafeBytes { haystack in
            guard let base = haystack.baseAddress else { return }
            var start = 0
            // The C library searches: a loop in a debug build would take seconds.
            while let match = memchr(base + start, Int32(needle[0]), haystack.count - start) {
                let offset = UnsafeRawPointer(match) - base
                start = offset + 1
                guard offset + needle.count <= haystack.count else { break }
                if memcmp(match, needle, needle.count) == 0,
                    stands(at: offset, in: haystack, count: needle.count)
                {
                    found.append(offset)
                }
            }
        }
        return found
    }

    private func stands(at offset: Int, in bytes: UnsafeRawBufferPointer, count: Int) -> Bool {
        guard !isFragment else { return true }
        let end = offset + count
        if offset > 0, Self.isWordByte(bytes[offset]) {
            let before = bytes[offset - 1]
            if Self.isWordByte(before) { return false }
            if isFreeFunction {
                let isDeclaration = bytes[..<offset].suffix(5).elementsEqual("func ".utf8)
                if before == UInt8(ascii: ".") || isDeclaration { return false }
            }
        }
        return end == bytes.count || !Self.isWordByte(bytes[end - 1])
            || !Self.isWordByte(bytes[end])
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
