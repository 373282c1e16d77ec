import Foundation

/// How to start a server as a child.
package struct ServerLaunch: Sendable {
    /// The program's path.
    package var executable: String
    /// Its arguments, without the program's name.
    package var arguments: [String]
    /// All of its environment.
    package var environment: [String: String]
    /// Its working directory, where its output is kept too.
    package var folder: String

    /// Creates a description; nothing is started.
    package init(
        executable: String, arguments: [String], environment: [String: String], folder: String
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }

    /// `weir serve` on data in `folder`.
    ///
    /// Settings of the caller's environment that would change how the server decides are left
    /// out, and so is a `weir.yaml` of the caller's folder. Port 0 stands for a free one.
    package static func weir(
        executable: String, folder: String, port: Int, adminToken: String,
        settings: [String: String] = [:]
    ) -> ServerLaunch {
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("WEIR_") && !name.hasPrefix("QUOTA_")
                && !["ENABLE_REDIS_QUOTA", "REDIS_URL", "DATABASE_URL"].contains(name)
        }
        environment["WEIR_ADMIN_TOKEN"] = adminToken
        environment.merge(settings) { _, new in new }
        return ServerLaunch(
            executable: executable,
            arguments: ["serve", "--port", "\(port)", "--data", folder + "/data"],
            environment: environment,
            folder: folder)
    }

    /// A fresh secret for a server's administrator.
    package static func newAdminToken() -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return "admin-" + String((0..<40).map { _ in letters[.random(in: letters.indices)] })
    }

    /// Where the child's standard output goes.
    package var outputPath: String { folder + "/output.log" }

    /// Where the child's standard error goes.
    package var errorPath: String { folder + "/errors.log" }

    /// The end of what the child wrote, for a message about its failure.
    package var lastWords: String {
        [outputPath, errorPath]
            .compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
            .map { $0.split(separator: "\n").suffix(10).joined(separator: "\n") }
            .filter { !$0.isEmpty }
            .joined(separator: "\n")
    }
}
