import Foundation
import StrictJSON
import WeirClient

/// The official `openai` package of Python, as `scripts/test` installs it.
enum OpenAIClient {
    /// The version that `scripts/test` installs.
    static let version = "3.54.0"

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("scripts/openai_client.py").path

    private static var python: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return cache + "/weir/openai-\(version)/bin/python"
    }

    /// Whether the package is there; says so on standard error when it is not.
    static var isInstalled: Bool {
        let mark = URL(fileURLWithPath: python)
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("installed").path
        if FileManager.default.fileExists(atPath: mark) { return true }
        let line = """
            SKIPPED: the Python package openai \(version) is not installed (scripts/test does it), \
            so the official client is not tested\n
            """
        FileHandle.standardError.write(Data(line.utf8))
        return false
    }

    /// Runs a scenario of `scripts/openai_client.py`.
    ///
    /// - Parameters:
    ///   - scenario: its name.
    ///   - argument: what it takes.
    ///   - url: the address before `/v1`: all that an application changes, besides the key.
    ///   - key: the key.
    /// - Returns: what the application saw.
    /// - Throws: a failure of the application.
    static func run(
        _ scenario: String, _ argument: String = "", url: String, key: String
    ) async throws -> JSONValue {
        try await ChildCommand.run(
            executable: python, [script, scenario, argument],
            environment: ["OPENAI_BASE_URL": url + "/v1", "OPENAI_API_KEY": key]
        ) { command in
            let status = try await command.exitStatus()
            guard status == 0 else {
                throw ServerFailure("\(scenario) of the openai client failed\n\(command.errors)")
            }
            return try JSONValue(parsing: command.output.utf8)
        }
    }
}
