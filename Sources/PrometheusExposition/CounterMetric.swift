public import CoreMetrics
import Synchronization

/// A sum that only grows, until the process ends.
///
/// Integers and fractions are summed apart: nearly all are integers, which one instruction adds.
public final class CounterMetric: Sendable {
    let identity: SeriesIdentity
    private let integer = Atomic<Int64>(0)
    private let fraction = AtomicDouble()

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    /// The sum so far.
    public var value: Double {
        Double(integer.load(ordering: .relaxed)) + fraction.value
    }

    /// Adds 1.
    public func increment() {
        integer.wrappingAdd(1, ordering: .relaxed)
    }

    /// Adds `amount`; nothing when it is negative, as a counter never falls.
    public func increment(by amount: some BinaryInteger) {
        increment(by: Int64(clamping: amount))
    }
}

extension CounterMetric: CounterHandler, FloatingPointCounterHandler {
    /// Adds `amount`; nothing when it is negative, as a counter never falls.
    public func increment(by amount: Int64) {
        guard amount > 0 else { return }
        integer.wrappingAdd(amount, ordering: .relaxed)
    }

    /// Adds `amount`; nothing when it is negative or not finite.
    public func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.add(amount)
    }

    /// Starts again from 0, which Prometheus takes for a restart.
    public func reset() {
        integer.store(0, ordering: .relaxed)
        fraction.set(0)
    }
}
