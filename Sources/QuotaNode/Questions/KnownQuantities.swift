import QuotaModel

/// What the limits of a tenant gave when the ledger was asked last.
struct KnownQuantities: Sendable {
    private struct Known {
        let meter: MeterID
        let window: Window?
        let quantity: Int64?
        let at: Timestamp
        let until: Timestamp
    }

    /// How long a quantity is taken for granted, in nanoseconds: what comes back to the period
    /// before raises it, and nobody tells of that.
    static let memoryNanoseconds: Int64 = 1_000_000_000
    /// The most that are kept of a tenant.
    private static let maximumCount = 32

    private var known: [Known] = []

    /// The quantity of a limit, nil where it has no bound; `.none` when it is not known at an
    /// instant.
    func quantity(of meter: MeterID, _ window: Window?, now: Timestamp) -> Int64?? {
        for one in known where one.window == window && one.meter == meter {
            // A clock that was set back knows nothing.
            return one.at <= now && now < one.until ? .some(one.quantity) : .none
        }
        return .none
    }

    /// Keeps a quantity that was asked for at an instant; it ends with its period.
    mutating func keep(
        _ quantity: Int64?,
        of meter: MeterID,
        _ window: Window?,
        at instant: Timestamp,
        periodEnd: Timestamp?
    ) {
        let until = instant.adding(nanoseconds: Self.memoryNanoseconds)
        known.removeAll { $0.window == window && $0.meter == meter }
        if known.count >= Self.maximumCount { known.removeFirst() }
        known.append(
            Known(
                meter: meter, window: window, quantity: quantity, at: instant,
                until: min(until, periodEnd ?? until)))
    }
}
