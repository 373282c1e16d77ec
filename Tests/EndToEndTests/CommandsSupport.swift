import Foundation
import StrictJSON

/// What a `weir` command came to.
struct CommandResult: Sendable {
    var status: Int32?
    var output: String
    var errors: String

    /// The output as JSON.
    func json() throws -> JSONValue {
        try JSONValue(parsing: output.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
    }
}

extension TestServer {
    /// Runs `weir` with the arguments against this server.
    nonisolated func weir(_ arguments: String...) async throws -> CommandResult {
        try await weir(arguments)
    }

    /// Runs `weir` with the arguments against this server.
    nonisolated func weir(_ arguments: [String]) async throws -> CommandResult {
        try await run(BuiltWeir.path, arguments)
    }

    /// Runs a script in which `"$WEIR"` is the command line, against this server.
    nonisolated func bash(_ script: String) async throws -> CommandResult {
        try await run("/bin/bash", ["-c", "WEIR='\(BuiltWeir.path)'\n" + script])
    }

    private nonisolated func run(
        _ executable: String,
        _ arguments: [String]
    ) async throws -> CommandResult {
        let environment = ["WEIR_URL": url, "WEIR_ADMIN_TOKEN": adminToken]
        return try await ChildCommand.run(
            executable: executable, arguments, environment: environment
        ) { command in
            let status = try await command.exitStatus()
            return CommandResult(status: status, output: command.output, errors: command.errors)
        }
    }
}
