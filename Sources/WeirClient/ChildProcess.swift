import CPosix
import Foundation
import Synchronization

/// A program running as a child of this process, in a process group of its own.
///
/// Foundation's `Process` is not used: on Linux, `run()` takes each entry of `/proc/self/fd` for
/// 256 bytes long and crashes when this process has more than about 1,350 files open.
final class ChildProcess: Sendable {
    /// How a child stands.
    enum State: Equatable {
        case running
        case exited(Int32)
        case killed(signal: Int32)
        /// It has ended, and nobody knows how: a process that ignores SIGCHLD is not told.
        case gone
    }

    /// The child's process id.
    let identifier: Int32
    private let last = Mutex(State.running)

    /// Starts the program of `launch` with nothing to read, and with its output in files.
    init(_ launch: ServerLaunch) throws(ServerFailure) {
        identifier = try Self.spawn(launch)
    }

    /// How the child stands now.
    var state: State {
        last.withLock { last in
            Self.update(&last, identifier)
            return last
        }
    }

    /// Sends a signal, unless the child has ended.
    func send(signal: Int32) {
        last.withLock { last in
            // Asked under the lock: once waited for, the id may be another's.
            Self.update(&last, identifier)
            if last == .running { kill(identifier, signal) }
        }
    }

    private static func update(_ last: inout State, _ identifier: Int32) {
        var status: Int32 = 0
        guard last == .running else { return }
        let ended = waitpid(identifier, &status, WNOHANG)
        if ended < 0, errno == ECHILD { last = .gone }
        guard ended == identifier else { return }
        let signal = status & 0x7f
        last = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
    }

    private static func spawn(_ launch: ServerLaunch) throws(ServerFailure) -> Int32 {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        var flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        let output = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, launch.outputPath, output, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, launch.errorPath, output, 0o644)
        spawn_add_folder(&actions, launch.folder)
        spawn_add_close_others(&actions)
        #if canImport(Darwin)
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
        #endif
        // A child begins as a shell's does, whatever this process ignores or blocks.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGCHLD] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var identifier: pid_t = 0
        let environment = launch.environment.map { "\($0)=\($1)" }
        let failure = withStrings([launch.executable] + launch.arguments) { arguments in
            withStrings(environment) { environment in
                posix_spawn(
                    &identifier, launch.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else {
            throw ServerFailure(
                "cannot start \(launch.executable): \(String(cString: strerror(failure)))")
        }
        return identifier
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
