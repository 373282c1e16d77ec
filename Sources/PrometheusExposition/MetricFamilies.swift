/// All metrics by name: what the registry keeps under its lock.
struct MetricFamilies: Sendable {
    /// Counts requests for a name that belongs to a metric of another type.
    private static let conflicts = (
        name: "weir_metrics_conflicts_total",
        help: "Requests for a metric whose name belongs to one of another type."
    )
    /// Counts requests for a new series of a metric that has as many as it may.
    private static let overflow = (
        name: "weir_metrics_overflow_total",
        help: "Requests for a series of a metric that has as many as it may have."
    )

    private var byName: [String: MetricFamily] = [:]

    var sorted: [MetricFamily] {
        byName.values.sorted { $0.name < $1.name }
    }

    /// The series for these labels, made if need be; nil when the name belongs to another type.
    mutating func register(
        _ identity: SeriesIdentity,
        _ kind: MetricKind,
        _ help: String
    ) -> MetricSeries? {
        guard canHold(identity.name, kind) else {
            count(Self.conflicts, identity.name)
            return nil
        }
        let empty = MetricFamily(name: identity.name, kind: kind, help: help)
        let found = byName[identity.name, default: empty].series(for: identity.labels)
        if found.isRest { count(Self.overflow, identity.name) }
        if case .reading = found.series {
            count(Self.conflicts, identity.name)
            return nil
        }
        return found.series
    }

    /// Sets the closure that supplies the value for these labels.
    mutating func register(
        _ identity: SeriesIdentity,
        _ kind: MetricKind,
        _ help: String,
        reading read: @escaping @Sendable () -> Double
    ) {
        guard canHold(identity.name, kind) else { return count(Self.conflicts, identity.name) }
        let empty = MetricFamily(name: identity.name, kind: kind, help: help)
        switch byName[identity.name, default: empty].setReading(read, for: identity.labels) {
        case .done: break
        case .full: count(Self.overflow, identity.name)
        case .taken: count(Self.conflicts, identity.name)
        }
    }

    mutating func remove(_ metric: AnyObject, _ identity: SeriesIdentity) {
        byName[identity.name]?.remove(metric, identity.labels)
        if byName[identity.name]?.isEmpty == true { byName[identity.name] = nil }
    }

    /// Whether the name is free, or belongs to a metric of this type already.
    ///
    /// A histogram also takes the names of the three series it is written as.
    private func canHold(_ name: String, _ kind: MetricKind) -> Bool {
        if let family = byName[name] { return family.kind.typeName == kind.typeName }
        let suffixes = ["_bucket", "_count", "_sum"]
        if case .histogram = kind {
            return suffixes.allSatisfy { byName[name + $0] == nil }
        }
        return suffixes.allSatisfy { suffix in
            guard name.hasSuffix(suffix), let other = byName[String(name.dropLast(suffix.count))],
                case .histogram = other.kind
            else { return true }
            return false
        }
    }

    private mutating func count(_ counter: (name: String, help: String), _ metric: String) {
        let empty = MetricFamily(name: counter.name, kind: .counter, help: counter.help)
        let found = byName[counter.name, default: empty].series(for: ["metric": metric])
        if case .counter(let metric) = found.series { metric.increment() }
    }
}
