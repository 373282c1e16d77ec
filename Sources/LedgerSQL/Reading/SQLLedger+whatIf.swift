// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

package import QuotaEngine
package import QuotaLedger
import QuotaModel

// Recorded use, judged by another plan; the use of one tenant is of one moment.
extension SQLLedger {
    public func judge(
        _ tenants: [WhatIfTenant]
    ) async throws(LedgerError) -> [WhatIfRefusals] {
        var found: [WhatIfRefusals] = []
        for tenant in tenants {
            if Task.isCancelled {
                throw LedgerError(.closed, "nobody waits for the answer")
            }
            found.append(
                try await read { sql throws(LedgerError) in
                    var use = RecordedUse(tenant, sql)
                    return try use.judge()
                })
        }
        return found
    }
}

/// Feeds the use of a tenant to its judge, in the order of time.
private struct RecordedUse {
    /// How many events are in memory at once.
    private static let eventsAtOnce: Int64 = 5_000

    private let sql: any SQLSession
    private var judged: WhatIfTenant
    private var hours: ArraySlice<(HourlyUsageKey, UsageSum)> = []

    init(_ tenant: WhatIfTenant, _ sql: any SQLSession) {
        judged = tenant
        self.sql = sql
    }

    mutating func judge() throws(LedgerError) -> WhatIfRefusals {
        hours = try readHours()[...]
        var place = (at: judged.readsFrom.nanoseconds, id: "", meter: "")
        while true {
            let events =
                try sql.all(
                    """
                    SELECT * FROM events WHERE tenant = ?
                        AND (admitted_at_ns, id, meter) > (?, ?, ?) AND admitted_at_ns < ?
                    ORDER BY admitted_at_ns, id, meter LIMIT ?
                    """,
                    [
                        .of(judged.tenant.text), .of(place.at), .of(place.id), .of(place.meter),
                        .of(judged.until.nanoseconds), .of(Self.eventsAtOnce),
                    ]
                )
                .map(UsageRows.event)
            for event in events {
                takeHours { WhatIfTenant.isOver(hour: $0, at: event.admittedAt) }
                judged.take(event)
            }
            guard events.count == Int(Self.eventsAtOnce), let last = events.last else { break }
            place = (last.admittedAt.nanoseconds, last.id, last.meter.text)
        }
        takeHours { _ in true }
        judged.finish()
        return judged.refusals
    }

    /// Takes the hours that come first, as long as they are due.
    private mutating func takeHours(_ isDue: (Timestamp) -> Bool) {
        while let (key, sum) = hours.first, isDue(key.hour) {
            judged.take(key, sum)
            hours.removeFirst()
        }
    }

    private func readHours() throws(LedgerError) -> [(HourlyUsageKey, UsageSum)] {
        let meters = judged.plan.hourMeters
        if meters.isEmpty { return [] }
        let places = meters.map { _ in "?" }.joined(separator: ", ")
        return
            try sql.all(
                composed: """
                    SELECT * FROM hourly_usage
                    WHERE tenant = ? AND hour_ns >= ? AND hour_ns < ? AND meter IN (\(places))
                    ORDER BY hour_ns, key, meter, model
                    """,
                [
                    .of(judged.tenant.text), .of(judged.readsFrom.nanoseconds),
                    .of(judged.until.nanoseconds),
                ] + meters.map(SQLValue.of)
            )
            .map(UsageRows.hour)
    }
}
