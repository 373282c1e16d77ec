import Foundation
import QuotaModel
import QuotaNode
import Synchronization

// Two threads beside each other.
extension AdmissionBenchmark {
    private static let threadRound = 150_000

    /// How many times more two threads decide than one: on tenants of different locks, and on
    /// tenants of all locks.
    func measureThreads(
        _ bench: AdmissionNode,
        _ requests: [AdmissionRequest],
        _ options: BenchOptions,
        _ report: inout BenchReport
    ) async throws {
        let half = Dictionary(grouping: requests) { request in
            let shard = bench.node.shard(of: request.decision.tenant)
            return shard.number * 2 / shard.count
        }
        let apart = [half[0] ?? [], half[1] ?? []]
        let mixed = [
            Array(requests.prefix(requests.count / 2)), Array(requests.suffix(requests.count / 2)),
        ]
        for (name, parts, target) in [
            ("two-threads", apart, BenchResult.Target.ratioAtLeast(1.8)),
            ("two-threads-mixed", mixed, nil),
        ] {
            // One before the other would find a machine that got slower or faster meanwhile.
            let first = try await rate(bench, requests, [parts[0]], options.seconds / 2)
            let both = try await rate(bench, requests, parts, options.seconds)
            let second = try await rate(bench, requests, [parts[1]], options.seconds / 2)
            let one = (first + second) / 2
            try report.add(
                BenchResult(
                    bench: "admission/\(name)", value: both, unit: "decisions/s",
                    baseline: .init(name: "one thread", value: one), target: target))
        }
    }

    /// Decisions a second, with a thread for each part.
    private func rate(
        _ bench: AdmissionNode,
        _ all: [AdmissionRequest],
        _ parts: [[AdmissionRequest]],
        _ seconds: Double
    ) async throws -> Double {
        var (count, elapsed) = (0, Duration.zero)
        let begin = ContinuousClock.now
        while count < 4 * Self.threadRound || begin.duration(to: .now) < .seconds(seconds) {
            try await bench.tend(all)
            let now = BenchClock.now()
            let node = bench.node
            let start = ContinuousClock.now
            let threads = parts.map { part in
                let lanes = part.map(\.lane)
                return JoinedThread {
                    var (decided, place) = (0, 0)
                    for _ in 0..<Self.threadRound {
                        place += 7_919
                        if place >= lanes.count { place %= lanes.count }
                        if node.admit(lanes[place], now: now, steady: now) != nil { decided += 1 }
                    }
                    return decided
                }
            }
            for thread in threads {
                guard thread.join() == Self.threadRound else {
                    throw LoadFailure("not all was decided at once")
                }
                count += Self.threadRound
            }
            elapsed += start.duration(to: .now)
        }
        return Double(count) / (elapsed / .seconds(1))
    }
}

/// A thread that counts.
private final class JoinedThread: Sendable {
    private let result = Mutex(0)
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Int) {
        let thread = Thread { [self] in
            let count = body()
            result.withLock { $0 = count }
            done.signal()
        }
        thread.start()
    }

    func join() -> Int {
        done.wait()
        return result.withLock { $0 }
    }
}
