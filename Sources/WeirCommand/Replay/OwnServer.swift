import Synchronization
import WeirClient

/// A server that a replay starts for itself, on data that it removes at the end.
///
/// It is watched: when it dies in mid-replay, by ``crash()`` or by another's hand, it is started
/// again on the same data and port.
final class OwnServer: Sendable {
    let url: String
    let adminToken: String
    private let port: Int
    private let folder: TemporaryFolder
    private let process: Mutex<ServerProcess>
    private let restartCount = Atomic(0)

    private init(
        url: String, adminToken: String, port: Int, folder: TemporaryFolder, process: ServerProcess
    ) {
        self.url = url
        self.adminToken = adminToken
        self.port = port
        self.folder = folder
        self.process = Mutex(process)
    }

    /// Starts `weir serve` from the running program's own file.
    static func start() async throws -> OwnServer {
        let folder = try TemporaryFolder(for: "weir-replay")
        let token = ServerLaunch.newAdminToken()
        do {
            let process = try ServerProcess(
                .weir(
                    executable: ExecutablePath.own, folder: folder.path, port: 0,
                    adminToken: token))
            do {
                let url = try await process.address()
                guard let port = url.split(separator: ":").last.flatMap({ Int($0) }) else {
                    throw ServerFailure("the server listens on \(url), without a port")
                }
                return OwnServer(
                    url: url, adminToken: token, port: port, folder: folder, process: process)
            } catch {
                await process.stop()
                throw error
            }
        } catch {
            folder.remove()
            throw error
        }
    }

    var identifier: Int32 { process.withLock { $0 }.identifier }

    /// How often it was started again.
    var restarts: Int { restartCount.load(ordering: .relaxed) }

    /// Starts the server again whenever it has ended, until cancelled.
    func watch(_ say: @Sendable (String) -> Void) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(20))
            let old = process.withLock { $0 }
            if old.isRunning { continue }
            do {
                let new = try ServerProcess(
                    .weir(
                        executable: ExecutablePath.own, folder: folder.path, port: port,
                        adminToken: adminToken))
                process.withLock { $0 = new }
                _ = try await new.address()
                restartCount.add(1, ordering: .relaxed)
                say("server \(old.identifier) has died; \(new.identifier) goes on with its data")
            } catch let failure as ServerFailure {
                say("cannot start the server again, another try follows: \(failure)")
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Kills the server as a crash would.
    func crash() async {
        await process.withLock { $0 }.crash()
    }

    /// Stops the server and removes its data.
    func stop() async {
        await process.withLock { $0 }.stop()
        folder.remove()
    }
}
