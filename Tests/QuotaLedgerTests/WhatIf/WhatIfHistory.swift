import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

/// A tenant's recorded use, written down by hand, and a plan to judge it by.
struct WhatIfHistory {
    static let tenant = TenantID(trusted: "acme")
    static let tokens = Meter.aiTokens.id
    static let calls = Meter.apiCalls.id

    var limits: [Limit]
    var changes: [MeterID: Timestamp] = [:]
    var since = "2026-11-10T00:00:00Z"
    var until = "2026-12-01T00:00:00Z"
    var zone = ZoneRules.utc
    private var events: [UsageEvent] = []
    private var hours: [(HourlyUsageKey, UsageSum)] = []

    init(_ limits: Limit...) {
        self.limits = limits
    }

    static func instant(_ text: String) -> Timestamp {
        Timestamp(text) ?? .distantPast
    }

    /// A day of November at noon, or at an hour.
    static func day(_ day: Int, hour: Int = 12, second: Int64 = 0) -> Timestamp {
        Timestamp(seconds: 1_793_491_200 + Int64(day - 1) * 86_400 + Int64(hour) * 3_600 + second)
    }

    /// Adds an event; several of one id and instant are one request.
    mutating func event(
        _ units: Int64,
        at: Timestamp,
        id: String? = nil,
        meter: MeterID = tokens,
        key: String = "_service",
        model: String? = nil
    ) {
        events.append(
            UsageEvent(
                tenant: Self.tenant, id: id ?? "d_\(events.count)", meter: meter, units: units,
                overage: 0, key: APIKeyID(trusted: key), model: model.map(ModelName.init(trusted:)),
                admittedAt: at, postedAt: at, adjusts: nil, idempotencyKey: nil, metadata: nil))
    }

    /// Adds the sum of an hour.
    mutating func hour(
        _ units: Int64,
        of postings: Int64,
        at: Timestamp,
        meter: MeterID = calls,
        key: String = "_service",
        model: String? = nil
    ) {
        let place = HourlyUsageKey(
            tenant: Self.tenant, key: APIKeyID(trusted: key), meter: meter,
            model: model.map(ModelName.init(trusted:)), hour: at.startOfHour)
        hours.append((place, UsageSum(units: units, postings: postings)))
    }

    /// What the plan would have refused.
    func judged() -> WhatIfRefusals { judge().refusals }

    func judge() -> WhatIfTenant {
        let meters = Meter.builtIn.map {
            WhatIfPlan.RecordedMeter($0, changedAt: changes[$0.id])
        }
        let plan = WhatIfPlan(
            Plan(id: .fallback, name: "Q", weight: 1, limits: limits), meters: meters)
        var judge = WhatIfTenant(
            plan, tenant: Self.tenant, calendar: TenantCalendar(zone: zone),
            since: Self.instant(since), until: Self.instant(until))
        let range = judge.readsFrom..<judge.until
        var waiting =
            hours.filter { range.contains($0.0.hour) }
            .sorted { $0.0.hour < $1.0.hour }[...]
        for event in events.filter({ range.contains($0.admittedAt) }).sorted(by: Self.isBefore) {
            while let first = waiting.first,
                WhatIfTenant.isOver(hour: first.0.hour, at: event.admittedAt)
            {
                judge.take(first.0, first.1)
                waiting.removeFirst()
            }
            judge.take(event)
        }
        for hour in waiting { judge.take(hour.0, hour.1) }
        judge.finish()
        return judge
    }

    private static func isBefore(_ left: UsageEvent, _ right: UsageEvent) -> Bool {
        (left.admittedAt, ExactString(left.id), left.meter)
            < (right.admittedAt, ExactString(right.id), right.meter)
    }
}

extension WhatIfRefusals {
    /// What each limit would have refused: requests and units.
    var sums: [[Int64]] { limits.map { [$0.requests, $0.units] } }
}
