import Foundation
import WeirClient

/// A `weir` command running as a child, with its output in files.
final class ChildCommand: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let longest = Duration.seconds(120)

    private let process: ServerProcess
    private let launch: ServerLaunch

    private init(
        _ executable: String,
        _ arguments: [String],
        _ environment: [String: String],
        _ folder: String
    ) throws {
        var all = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("WEIR_") }
        all.merge(environment) { _, new in new }
        launch = ServerLaunch(
            executable: executable, arguments: arguments, environment: all, folder: folder)
        process = try ServerProcess(launch)
    }

    /// Runs `body` beside the command and stops the command afterwards if it still runs.
    static func run<Value: Sendable>(
        executable: String = BuiltWeir.path,
        _ arguments: [String],
        environment: [String: String] = [:],
        _ body: (ChildCommand) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let command = try ChildCommand(executable, arguments, environment, folder.path)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(command))
        } catch {
            result = .failure(error)
        }
        await command.process.stop()
        return try result.get()
    }

    /// What the command wrote on standard output so far.
    var output: String { (try? String(contentsOfFile: launch.outputPath, encoding: .utf8)) ?? "" }

    /// What the command wrote on standard error so far.
    var errors: String { (try? String(contentsOfFile: launch.errorPath, encoding: .utf8)) ?? "" }

    /// Waits for a line of progress of at least so many percent; false when the end comes first.
    func reaches(percent: Int) async throws -> Bool {
        try await poll { progress >= percent || !process.isRunning }
        return progress >= percent
    }

    /// The last percentage that the command wrote on standard error, 0 before the first.
    private var progress: Int {
        errors.split(separator: "\n")
            .compactMap { line in
                let words = line.split(separator: " ")
                return words.count > 1 && words[1] == "%" ? Int(words[0]) : nil
            }
            .last ?? 0
    }

    /// Waits for the end of the command; nil when a signal ended it.
    func exitStatus() async throws -> Int32? {
        try await poll { !process.isRunning }
        return await process.stop()
    }

    private func poll(_ condition: () -> Bool) async throws {
        guard try await Poll.until(within: Self.longest, condition) else {
            throw Failure(description: "nothing more from the command:\n\(output)\n\(errors)")
        }
    }
}
