import QuotaCalendar
import QuotaModel

/// Finds changes of offset by looking, not by asking the database for them.
enum TransitionSearch {
    struct Transition {
        /// The first second of the new offset.
        let second: Int64
        let before: Int64
        let after: Int64
    }

    /// The transitions from 1970 to 2100 that a stride of this length sees.
    static func transitions(of zone: ZoneRules, strideSeconds: Int64) -> [Transition] {
        var found: [Transition] = []
        var low = Samples.centurySeconds.lowerBound
        var before = offset(of: zone, at: low)
        while low < Samples.centurySeconds.upperBound {
            let high = low + strideSeconds
            let after = offset(of: zone, at: high)
            if after != before {
                let second = firstSecond(of: zone, low: low, high: high, before: before)
                // More than one change may lie within a long stride; go on from the first.
                let next = offset(of: zone, at: second)
                found.append(Transition(second: second, before: before, after: next))
                low = second
                before = next
            } else {
                low = high
            }
        }
        return found
    }

    /// The first second in `(low, high]` whose offset is not `before`, by bisection.
    private static func firstSecond(
        of zone: ZoneRules,
        low: Int64,
        high: Int64,
        before: Int64
    ) -> Int64 {
        var low = low
        var high = high
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(of: zone, at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }

    private static func offset(of zone: ZoneRules, at second: Int64) -> Int64 {
        zone.offsetSeconds(at: Timestamp(seconds: second))
    }
}
