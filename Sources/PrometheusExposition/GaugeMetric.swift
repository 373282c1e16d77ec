public import CoreMetrics

/// A value that goes up and down.
public final class GaugeMetric: Sendable {
    let identity: SeriesIdentity
    private let current = AtomicDouble()

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    /// The value now.
    public var value: Double {
        current.value
    }

    /// Sets the value.
    public func set(_ value: some BinaryInteger) {
        current.set(Double(value))
    }
}

extension GaugeMetric: MeterHandler {
    /// Sets the value.
    public func set(_ value: Int64) {
        current.set(Double(value))
    }

    /// Sets the value.
    public func set(_ value: Double) {
        current.set(value)
    }

    /// Adds to the value.
    public func increment(by amount: Double) {
        current.add(amount)
    }

    /// Takes from the value.
    public func decrement(by amount: Double) {
        current.add(-amount)
    }
}

extension GaugeMetric: RecorderHandler {
    /// Sets the value: a recorder that does not aggregate shows the last one.
    public func record(_ value: Int64) {
        current.set(Double(value))
    }

    /// Sets the value: a recorder that does not aggregate shows the last one.
    public func record(_ value: Double) {
        current.set(value)
    }
}
