import Foundation
import Synchronization

/// Servers that run when this program ends: they end with it.
enum Leftovers {
    private struct Leftover {
        let identifier: Int32
        let signal: Int32
        let folder: String
    }

    private static let all = Mutex<[Leftover]>([])
    private static let isRegistered = Atomic(false)

    /// Ends a server when the program ends, and removes its folder.
    static func add(_ identifier: Int32, signal: Int32, folder: String) {
        all.withLock {
            $0.append(Leftover(identifier: identifier, signal: signal, folder: folder))
        }
        if isRegistered.exchange(true, ordering: .relaxed) { return }
        atexit { Leftovers.end() }
    }

    /// A server has ended.
    static func remove(_ identifier: Int32) {
        all.withLock { $0.removeAll { $0.identifier == identifier } }
    }

    private static func end() {
        let left = all.withLock { $0 }
        for server in left { kill(server.identifier, server.signal) }
        for server in left {
            var status: Int32 = 0
            // It removes files of its own while it ends.
            waitpid(server.identifier, &status, 0)
            try? FileManager.default.removeItem(atPath: server.folder)
        }
    }
}
