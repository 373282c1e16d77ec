import Foundation

/// Files that are read as a whole: plans and manifests.
enum TextFile {
    /// The largest file that is read.
    private static let maximumBytes = 16 * 1_024 * 1_024

    /// The text of a file, or of standard input for `-`.
    static func read(_ path: String) throws(CommandFailure) -> String {
        let shown = SafeText.line(path)
        let data: Data?
        do {
            let handle =
                path == "-"
                ? FileHandle.standardInput
                : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            data = try handle.read(upToCount: maximumBytes + 1)
        } catch {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
                isFolder.boolValue
            {
                throw CommandFailure("cannot read \(shown): it is a folder")
            }
            throw CommandFailure("cannot read \(shown): \(error.localizedDescription)")
        }
        let bytes = data ?? Data()
        guard bytes.count <= maximumBytes else {
            throw CommandFailure("\(shown) is larger than \(maximumBytes) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("\(shown) is not UTF-8 text; save it as UTF-8")
        }
        // Some editors begin a file with a byte order mark.
        guard text.unicodeScalars.first == "\u{FEFF}" else { return text }
        return String(text.unicodeScalars.dropFirst())
    }
}
