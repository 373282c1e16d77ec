import Foundation

/// A server running as a child of this process.
///
/// Its output goes to files and not to pipes: a server is never held up by a reader that is
/// late, and after a failure the output is there to be shown.
package final class ServerProcess: Sendable {
    private let child: ChildProcess
    private let launch: ServerLaunch

    /// The child's process id.
    package var identifier: Int32 { child.identifier }

    /// False once the child has ended.
    package var isRunning: Bool { child.state == .running }

    /// Starts the child, without waiting until it answers.
    package init(_ launch: ServerLaunch) throws(ServerFailure) {
        self.launch = launch
        child = try ChildProcess(launch)
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
        child.send(signal: SIGTERM)
        if await ended(within: grace) {
            return if case .exited(let status) = child.state { status } else { nil }
        }
        await crash()
        return nil
    }

    /// Waits until a child that ends by itself has ended.
    ///
    /// - Returns: the exit status, or nil when it was ended by a signal, or not within the limit.
    package func end(within limit: Duration = .seconds(60)) async -> Int32? {
        guard await ended(within: limit), case .exited(let status) = child.state else {
            return nil
        }
        return status
    }

    /// Sends a signal to the child, unless it has ended.
    package func send(signal: Int32) { child.send(signal: signal) }

    /// Ends the child as a crash does (SIGKILL) and waits until it is gone.
    package func crash() async {
        child.send(signal: SIGKILL)
        _ = await ended(within: .seconds(20))
    }

    private func ended(within limit: Duration) async -> Bool {
        // In a task of its own: a child must be seen to end even when the caller is cancelled.
        await Task { (try? await Poll.until(within: limit) { !isRunning }) ?? !isRunning }.value
    }
}
