package import QuotaModel

/// What a node needs of the machine that it runs on; tests have their own.
package struct Machine: Sendable {
    /// The wall clock.
    package var clock: @Sendable () -> Timestamp
    /// A clock that nobody can set.
    package var steadyClock: @Sendable () -> Timestamp
    /// 64 unpredictable bits.
    package var random: @Sendable () -> UInt64
    /// Waits; returns early when the task is cancelled.
    package var sleep: @Sendable (Duration) async -> Void

    /// Creates a machine.
    package init(
        clock: @escaping @Sendable () -> Timestamp,
        steadyClock: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.clock = clock
        self.steadyClock = steadyClock
        self.random = random
        self.sleep = sleep
    }

    /// The machine that this process runs on.
    package static var system: Machine {
        let random = SystemRandom()
        return Machine(
            clock: SystemClock.wallNow,
            steadyClock: SystemClock.steadyNow,
            random: { random.next() },
            sleep: { try? await Task.sleep(for: $0) })
    }
}
