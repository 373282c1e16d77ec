import Synchronization

/// What no decision can do without: the tenant is found by its id under a lock, and a record of 64
/// bytes is written.
final class LookUpBaseline: Sendable {
    private struct State {
        var counts: [String: Int]
        var log: [SIMD8<UInt64>]
        var place = 0
    }

    private let names: [String]
    private let state: Mutex<State>

    init(tenants: Int) {
        names = (0..<tenants).map { "tenant-\($0)" }
        state = Mutex(
            State(
                counts: Dictionary(uniqueKeysWithValues: names.map { ($0, 0) }),
                log: Array(repeating: .zero, count: 1 << 16)))
    }

    func nanoseconds(_ seconds: Double) -> Double {
        var (count, place) = (0, 0)
        let start = BenchClock.threadNanoseconds()
        while Double(BenchClock.threadNanoseconds() - start) < seconds * 1e9 {
            for _ in 0..<100_000 {
                place = (place + 7_919) % names.count
                let name = names[place]
                state.withLock { state in
                    state.counts[name, default: 0] += 1
                    state.place = (state.place + 1) & 0xFFFF
                    state.log[state.place] = SIMD8(repeating: UInt64(place))
                }
            }
            count += 100_000
        }
        let elapsed = BenchClock.threadNanoseconds() - start
        precondition(state.withLock { $0.counts.values.reduce(0, +) } == count)
        return Double(elapsed) / Double(count)
    }
}
