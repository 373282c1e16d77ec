import EmbeddedNode
import Foundation
import Logging
import QuotaTesting
import Weir

/// A data folder that goes with this value, a clock that a test moves, and what was logged.
struct TestFolder: Sendable {
    /// A folder that is removed in the end.
    private final class Folder: Sendable {
        let path: String

        init() throws {
            let url = FileManager.default.temporaryDirectory
                .appending(path: "weir-library-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            path = url.path
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let folder: Folder
    let clock = ManualClock()
    let ticker = Ticker()
    let log = LogRecorder()

    init() throws {
        folder = try Folder()
    }

    /// The data folder.
    var path: String { folder.path + "/data" }

    /// Options for the data folder; `copy` names another folder beside it.
    func options(_ name: String = "data") -> Weir.Options {
        var options = Weir.Options(folder: folder.path + "/" + name, logger: log.logger)
        let random = SystemRandom()
        options.machine = Machine(
            clock: clock.read, steadyClock: clock.read, random: { random.next() },
            sleep: { _ in await ticker.sleep() })
        return options
    }

    /// Copies the data folder as it is now, as a crash would leave it.
    func copy(to name: String) throws {
        try FileManager.default.copyItem(atPath: path, toPath: folder.path + "/" + name)
    }
}

/// Lets the upkeep of an engine work when a test says so.
actor Ticker {
    /// The fold and the sweep.
    private static let upkeepTasks = 2

    private var sleepers: [AsyncStream<Never>.Continuation] = []
    private var watchers: [CheckedContinuation<Void, Never>] = []

    /// Sleeps until the next round.
    func sleep() async {
        let (never, sleeper) = AsyncStream.makeStream(of: Never.self)
        sleepers.append(sleeper)
        if sleepers.count == Self.upkeepTasks {
            for watcher in watchers { watcher.resume() }
            watchers = []
        }
        for await _ in never {}
    }

    /// Wakes the upkeep, and returns when it has done its work.
    func round() async {
        await allSleep()
        let woken = sleepers
        sleepers = []
        for sleeper in woken { sleeper.finish() }
        await allSleep()
    }

    private func allSleep() async {
        guard sleepers.count < Self.upkeepTasks else { return }
        await withCheckedContinuation { watchers.append($0) }
    }
}
