import QuotaModel

/// A row that usage is checked by.
package enum UsageRow: Sendable {
    /// An event: one posting of a meter.
    case event(UsageEvent)
    /// The sum of an hour.
    case hour(HourlyUsageKey, UsageSum)
    /// The units of a day.
    case day(MeterDay, units: Int64)

    /// Where a row stands among the others: its tenant, then its time.
    package struct Place: Hashable, Sendable, Comparable {
        let tenant: TenantID
        /// Days since 1970-01-01.
        let day: Int64
        /// The start of the hour; that of a day comes after its hours.
        let hour: Int64

        /// Whether a row has to be taken before another.
        package static func < (left: Place, right: Place) -> Bool {
            if left.tenant != right.tenant { return left.tenant < right.tenant }
            return left.day == right.day ? left.hour < right.hour : left.day < right.day
        }
    }

    /// Where the row stands.
    package var place: Place {
        switch self {
        case .event(let event):
            let hour = event.admittedAt.nanoseconds.flooredDivision(by: Self.hourNanoseconds)
            return Place(
                tenant: event.tenant, day: event.admittedAt.date.daysSinceEpoch,
                hour: hour * Self.hourNanoseconds)
        case .hour(let key, _):
            return Place(
                tenant: key.tenant, day: key.hour.date.daysSinceEpoch, hour: key.hour.nanoseconds)
        case .day(let day, _):
            return Place(tenant: day.tenant, day: day.date.daysSinceEpoch, hour: .max)
        }
    }

    private static let hourNanoseconds: Int64 = 3_600_000_000_000
}
