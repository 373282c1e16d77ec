import EmbeddedNode
import Foundation
import Logging
import QuotaTesting
import Weir

/// An engine in a folder that goes with this value, and a clock that a test moves.
final class TestEngine: Sendable {
    let clock = ManualClock()
    let weir: Weir
    private let path: String

    /// Opens an engine; `change` sets its options.
    init(_ change: (inout Weir.Options) -> Void = { _ in }) async throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "weir-hummingbird-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
        var options = Weir.Options(
            folder: path + "/data", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let random = SystemRandom()
        options.machine = Machine(
            clock: clock.read, steadyClock: clock.read, random: { random.next() },
            sleep: { _ in await Self.sleepForEver() })
        change(&options)
        weir = try await Weir.open(options)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Until the task is cancelled: decisions need no upkeep.
    private static func sleepForEver() async {
        let (never, end) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        end.finish()
    }
}
