import QuotaCalendar
import QuotaModel

/// Rule 3 word by word: watch the wall clock go by and note when it shows a local time.
enum ResolveOracle {
    /// Every offset since 1970 is a multiple of half a minute.
    private static let step: Int64 = 30

    static func resolve(_ local: Int64, in zone: ZoneRules) -> Int64? {
        if let first = firstSecond(showing: local, in: zone) { return first }
        // It was never shown: find the jump over it, and move forward by the length of the jump.
        var previous = Int64.max
        for second in seconds(around: local) {
            let now = shown(second, in: zone)
            if previous < local, now > local {
                return firstSecond(showing: local + (now - previous - step), in: zone)
            }
            previous = now
        }
        return nil
    }

    private static func firstSecond(showing local: Int64, in zone: ZoneRules) -> Int64? {
        seconds(around: local).first { shown($0, in: zone) == local }
    }

    /// More than a day of half minutes on both sides, because no offset is as large as that.
    private static func seconds(around local: Int64) -> StrideThrough<Int64> {
        let margin: Int64 = 108_000
        return stride(from: local - margin, through: local + margin, by: Int(step))
    }

    private static func shown(_ second: Int64, in zone: ZoneRules) -> Int64 {
        second + zone.offsetSeconds(at: Timestamp(seconds: second))
    }
}
