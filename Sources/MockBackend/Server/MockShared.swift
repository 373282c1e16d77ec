import NIOCore
import Synchronization

/// What all connections of a backend share.
final class MockShared: Sendable {
    let settings: MockSettings
    let planner: MockPlanner
    /// What `Authorization` must be.
    let authorization: String?
    private let state = Mutex(MockStatistics())
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
    /// The time of the start, in seconds since 1970, and on the steady clock.
    private let start: (wall: Int64, steady: NIODeadline)

    init(_ settings: MockSettings, wallSeconds: Int64) {
        self.settings = settings
        planner = MockPlanner(settings)
        authorization = settings.apiKey.map { "Bearer \($0)" }
        start = (wallSeconds, .now())
    }

    /// When the backend started, in seconds since 1970.
    var startSeconds: Int64 { start.wall }

    /// The time of a steady clock reading, in seconds since 1970.
    func seconds(at now: NIODeadline) -> Int64 {
        start.wall + (now - start.steady).nanoseconds / 1_000_000_000
    }

    var statistics: MockStatistics { state.withLock { $0 } }

    func begin() -> (number: UInt64, running: Int) { state.withLock { $0.begin() } }

    func count(promptTokens: Int, completionTokens: Int) {
        guard promptTokens != 0 || completionTokens != 0 else { return }
        state.withLock {
            $0.promptTokens += promptTokens
            $0.completionTokens += completionTokens
        }
    }

    func end(
        id: String?,
        outcome: MockStatistics.Outcome,
        promptTokens: Int = 0,
        completionTokens: Int = 0
    ) {
        state.withLock {
            $0.end(
                id: id, outcome: outcome, promptTokens: promptTokens,
                completionTokens: completionTokens)
        }
    }

    // MARK: Connections

    func opened(_ channel: any Channel) {
        channels.withLock { $0[ObjectIdentifier(channel)] = channel }
    }

    func closed(_ channel: any Channel) {
        channels.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    var openChannels: [any Channel] { channels.withLock { Array($0.values) } }
}
