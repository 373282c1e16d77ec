import Foundation

/// A fresh folder that only its owner can read.
package struct TemporaryFolder: Sendable {
    /// The folder's path.
    package let path: String

    /// Creates a folder named after `purpose` below the system's folder for temporary files.
    package init(for purpose: String) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(purpose)-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        path = folder.path
    }

    /// Removes the folder with all that is in it; what cannot be removed stays.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
