import Foundation
import Synchronization

/// A server running as a child of this process.
///
/// Its output goes to files and not to pipes: a server is never held up by a reader that is
/// late, and after a failure the output is there to be shown.
package final class ServerProcess: Sendable {
    /// Foundation has crashed when several threads started processes at once.
    private static let starting = Mutex(())

    private let process: Process
    private let launch: ServerLaunch

    /// The child's process id.
    package var identifier: Int32 { process.processIdentifier }

    /// False once the child has ended.
    package var isRunning: Bool { process.isRunning }

    /// Starts the child, without waiting until it answers.
    package init(_ launch: ServerLaunch) throws {
        self.launch = launch
        process = Process()
        process.executableURL = URL(fileURLWithPath: launch.executable)
        process.arguments = launch.arguments
        process.environment = launch.environment
        process.currentDirectoryURL = URL(fileURLWithPath: launch.folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.emptyFile(launch.outputPath)
        process.standardError = try Self.emptyFile(launch.errorPath)
        do {
            try Self.starting.withLock { _ in try process.run() }
        } catch {
            throw ServerFailure("cannot start \(launch.executable): \(error.localizedDescription)")
        }
    }

    /// Waits for the line that says where the server listens.
    package func address(within limit: Duration = .seconds(60)) async throws -> String {
        var address: String?
        _ = try await Poll.until(within: limit) {
            // Asked before the file is read: what an ended child wrote is then complete.
            let wasRunning = isRunning
            let output = (try? String(contentsOfFile: launch.outputPath, encoding: .utf8)) ?? ""
            address = ListeningLine.address(in: output)
            if address == nil, !wasRunning {
                throw ServerFailure("the server ended at once\n\(launch.lastWords)")
            }
            return address != nil
        }
        guard let address else {
            throw ServerFailure("the server did not say where it listens\n\(launch.lastWords)")
        }
        return address
    }

    /// Asks the child to end (SIGTERM), waits, and kills it when it has not ended within `grace`.
    ///
    /// - Returns: the exit status, or nil when it had to be killed.
    @discardableResult
    package func stop(grace: Duration = .seconds(20)) async -> Int32? {
        if isRunning { kill(identifier, SIGTERM) }
        if await ended(within: grace) {
            return process.terminationReason == .exit ? process.terminationStatus : nil
        }
        await crash()
        return nil
    }

    /// Ends the child as a crash does (SIGKILL) and waits until it is gone.
    package func crash() async {
        if isRunning { kill(identifier, SIGKILL) }
        _ = await ended(within: .seconds(20))
    }

    private func ended(within limit: Duration) async -> Bool {
        // In a task of its own: a child must be seen to end even when the caller is cancelled.
        await Task { (try? await Poll.until(within: limit) { !isRunning }) ?? !isRunning }.value
    }

    private static func emptyFile(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw ServerFailure("cannot write \(path)") }
        return handle
    }
}
