import QuotaModel
import QuotaNode
import QuotaTesting
import Synchronization
import WeirClient

/// Decisions of random tenants, sent at fixed times whatever becomes of those before.
///
/// What a decision waits for counts from the time at which it was to be sent.
final class RolloverLoad: Sendable {
    /// What was measured in a part of the run.
    struct Figures {
        var latency = LatencyRecorder()
        var slow = 0
        /// How many of them had a lease of the month that ended.
        var slowWithLease = 0
        /// The slow ones by the second, from the first decision on.
        var slowSeconds: [Int: Int] = [:]
    }

    private struct State {
        var random = SeededRandom(seed: 1)
        var figures = Figures()
        /// Units by tenant, in the month that ends.
        var ending: [Int32]
        /// Units by tenant, in the month that follows.
        var following: [Int32]
        var failure: String?
    }

    /// The longest that a decision may wait.
    static let bound = Duration.milliseconds(50)
    private static let meter = Meter.apiCalls.id

    private let node: QuotaNode
    private let tenants: RolloverTenants
    /// Each so many tenants one is active: it decides before the month ends, and often.
    private let stride: Int
    private let state: Mutex<State>

    init(_ node: QuotaNode, _ tenants: RolloverTenants, active: Int) {
        self.node = node
        self.tenants = tenants
        stride = max(1, tenants.count / max(1, active))
        let none = [Int32](repeating: 0, count: tenants.count)
        state = Mutex(State(ending: none, following: none))
    }

    /// What was measured since the last call.
    func takeFigures() -> Figures {
        state.withLock { state in
            defer { state.figures = Figures() }
            return state.figures
        }
    }

    /// The units that a tenant was granted, in the month that ended and in the one that followed.
    var granted: (ending: [Int32], following: [Int32]) {
        state.withLock { ($0.ending, $0.following) }
    }

    /// Lets each active tenant decide once, so that it has a lease; and some hold a unit.
    func activate(holding holders: Int) async throws {
        let numbers = Array(Swift.stride(from: 0, to: tenants.count, by: stride))
        try await withThrowingTaskGroup(of: Void.self) { group in
            let workers = min(256, numbers.count)
            for worker in 0..<workers {
                group.addTask {
                    for index in Swift.stride(from: worker, to: numbers.count, by: workers) {
                        try await self.decide(numbers[index], holds: index < holders)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The tenants that hold a unit.
    func holds(_ number: Int, of holders: Int) -> Bool {
        number.isMultiple(of: stride) && number / stride < holders
    }

    /// Sends decisions until the task is cancelled, and waits for those that are under way.
    func run(rate: Int) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            let begin = ContinuousClock.now
            var sent = 0
            while !Task.isCancelled {
                let due = Int(begin.duration(to: .now) / .seconds(1) * Double(rate))
                while sent < due {
                    let number = next()
                    let time = begin.advanced(by: .seconds(1) * sent / rate)
                    group.addTask {
                        do {
                            let hadLease = self.state.withLock {
                                $0.ending[number] > 0 && $0.following[number] == 0
                            }
                            try await self.decide(number)
                            self.note(
                                time.duration(to: .now), hadLease,
                                second: Int(begin.duration(to: time) / .seconds(1)))
                        } catch {
                            self.state.withLock { $0.failure = $0.failure ?? "\(error)" }
                        }
                    }
                    sent += 1
                }
                try? await Task.sleep(for: .milliseconds(1))
                if let failure = state.withLock({ $0.failure }) { throw LoadFailure(failure) }
            }
        }
    }

    /// Half of all decisions are those of active tenants.
    private func next() -> Int {
        state.withLock { state in
            let number = Int.random(in: 0..<tenants.count, using: &state.random)
            return Bool.random(using: &state.random) ? number : number / stride * stride
        }
    }

    private func decide(_ number: Int, holds: Bool = false) async throws {
        var request = DecisionRequest(
            tenant: tenants.id(number), charges: [Charge(meter: Self.meter, amount: 1)])
        if holds {
            request.hold = .init(ttlMilliseconds: 86_400_000, onExpiry: .suspect)
        }
        guard case .decided(let outcome, _) = try await node.decide(request),
            outcome.decision.isAllowed, let limit = outcome.decision.limits.first
        else { throw LoadFailure("a tenant with units left was refused") }
        if holds { return }
        state.withLock { state in
            if limit.resetAt == tenants.boundary {
                state.ending[number] += 1
            } else {
                state.following[number] += 1
            }
        }
    }

    private func note(_ waited: Duration, _ hadLease: Bool, second: Int) {
        state.withLock { state in
            state.figures.latency.record(waited)
            guard waited > Self.bound else { return }
            state.figures.slow += 1
            if hadLease { state.figures.slowWithLease += 1 }
            state.figures.slowSeconds[second, default: 0] += 1
        }
    }
}
