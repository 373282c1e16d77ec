package import QuotaModel

/// What has to hold between the events of a meter and its sums.
package struct MeterRule: Hashable, Sendable {
    /// Whether its units are held and given back: its events are in no hourly sum.
    package let isAllocation: Bool
    /// From when on each posting has an event; nil when only some have.
    package let isCompleteFrom: Timestamp?

    /// The rule of a meter, whose recording was last changed at an instant; nil for never.
    ///
    /// A decision that was under way at the change may be recorded as before, so the rule begins an
    /// hour later.
    package init(_ meter: Meter, changedAt instant: Timestamp?) {
        isAllocation = meter.kind == .allocation
        let begin = instant?.adding(nanoseconds: 3_600_000_000_000) ?? .distantPast
        isCompleteFrom = meter.recording == .event ? begin : nil
    }
}
