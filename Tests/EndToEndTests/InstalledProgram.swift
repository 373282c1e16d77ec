import Foundation

/// A program that a test needs and that this machine may lack.
struct InstalledProgram: Sendable {
    /// The program's name.
    let name: String
    /// What is not tested without it.
    let purpose: String

    /// The program's path, or nil where it is not installed.
    var path: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        // Debian keeps servers in a folder that is not on everybody's path.
        return (folders + ["/usr/sbin"]).map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether the program is there; says so on standard error when it is not.
    var isInstalled: Bool {
        guard path == nil else { return true }
        let line = "SKIPPED: \(name) is not installed, so \(purpose) is not tested\n"
        FileHandle.standardError.write(Data(line.utf8))
        return false
    }
}
