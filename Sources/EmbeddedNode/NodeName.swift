import Foundation

/// The name of a fleet's node, which no other node may have.
package enum NodeName {
    private static let letters = Array("abcdefghjkmnpqrstvwxyz0123456789")

    /// The name that a data folder has, made at its first use.
    static func read(folder: String) throws -> String {
        let path = folder + "/node-name"
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard isValid(name) else {
                throw StartFailure("\(path) must hold a name of \(rule)")
            }
            return name
        }
        let name =
            "n-"
            + String(SystemRandom.bytes(10).map { letters[Int($0) % letters.count] })
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data((name + "\n").utf8), attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else {
            throw StartFailure("\(path) can't be written; make the data folder writable")
        }
        return name
    }

    /// What a name is made of.
    package static let rule = "1 to 40 letters, digits and hyphens"

    /// Whether a name can be a part of ids.
    package static func isValid(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }
}
