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
        let environment = ["WEIR_URL": url, "WEIR_ADMIN_TOKEN": adminToken]
        return try await ChildCommand.run(arguments, environment: environment) { command in
            let status = try await command.exitStatus()
            return CommandResult(status: status, output: command.output, errors: command.errors)
        }
    }
}
