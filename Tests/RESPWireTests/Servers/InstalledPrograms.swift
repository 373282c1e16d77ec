import Foundation

/// Programs that a test needs and that this machine may lack.
enum InstalledPrograms {
    /// Whether all are there; says by name which are not.
    static func has(_ names: String..., for purpose: String) -> Bool {
        let missing = names.filter { path(of: $0) == nil }
        for name in missing {
            let line = "SKIPPED: \(purpose): \(name) is not installed\n"
            FileHandle.standardError.write(Data(line.utf8))
        }
        return missing.isEmpty
    }

    /// The program's path; nil where it is not installed.
    static func path(of name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        // Debian keeps servers in a folder that is not on everybody's path.
        return (folders + ["/usr/sbin"]).map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program to its end and gives its output; throws what it wrote when it failed.
    @discardableResult
    static func run(_ name: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(of: name) ?? name)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Eventually.Failure(description: "\(name) failed: \(text)")
        }
        return text
    }
}
