import CPosix
import Foundation
import NIOCore
import NIOPosix

/// The one thread of this process that loads servers and stands behind them.
///
/// Generator and backend share it, since a processor of their own is all they have: two threads
/// would have to take turns.
enum LoadLoop {
    /// Files that this process needs: two ends of each connection.
    private static let files: rlim_t = 16_384

    /// Runs `body` with the event loop, on a processor that is given.
    static func run<Value: Sendable>(
        core: Int?, _ body: (MultiThreadedEventLoopGroup) async throws -> Value
    ) async throws -> Value {
        allowFiles()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Value, any Error>
        do {
            if let core {
                let failure = try await group.next().submit { pin_this_thread(Int32(core)) }.get()
                if failure != 0 {
                    BenchOptions.say("the load has no processor for itself: error \(failure)")
                }
            }
            result = .success(try await body(group))
        } catch {
            result = .failure(error)
        }
        try await group.shutdownGracefully()
        return try result.get()
    }

    private static func allowFiles() {
        #if os(Linux)
        let resource = Int32(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < files else { return }
        limit.rlim_cur = min(files, limit.rlim_max)
        setrlimit(resource, &limit)
    }
}
