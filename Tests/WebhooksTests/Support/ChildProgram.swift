import Foundation

/// A program of this machine that a test runs to its end.
enum ChildProgram {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The path of a program, or nil where it is not installed; then says on standard error what
    /// is not tested.
    static func path(of name: String, purpose: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let path = folders.map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        if path == nil { skip("\(name) is not installed, so \(purpose) is not tested") }
        return path
    }

    /// Says on standard error that tests are skipped.
    static func skip(_ reason: String) {
        FileHandle.standardError.write(Data("SKIPPED: \(reason)\n".utf8))
    }

    /// Runs a program.
    ///
    /// - Returns: what it wrote on standard output.
    /// - Throws: ``Failure`` with what it wrote on standard error.
    @discardableResult
    static func run(_ path: String, _ arguments: [String]) async throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, errors) = (
            folder.appendingPathComponent("output"), folder.appendingPathComponent("errors")
        )
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        guard status == 0 else {
            throw Failure(
                description: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
        }
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }
}
