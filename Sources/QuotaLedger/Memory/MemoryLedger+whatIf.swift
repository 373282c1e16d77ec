// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import QuotaEngine
import QuotaModel

extension MemoryLedger {
    public func judge(_ tenants: [WhatIfTenant]) async -> [WhatIfRefusals] {
        withStore { store in tenants.map { store.judge($0) } }
    }
}

extension MemoryStore {
    /// Feeds the use of a tenant to its judge.
    fileprivate func judge(_ tenant: WhatIfTenant) -> WhatIfRefusals {
        var judge = tenant
        let range = judge.readsFrom..<max(judge.readsFrom, judge.until)
        let events = events.values
            .filter { $0.tenant == judge.tenant && range.contains($0.admittedAt) }
            .sorted {
                ($0.admittedAt, ExactString($0.id), $0.meter)
                    < ($1.admittedAt, ExactString($1.id), $1.meter)
            }
        let meters = Set(judge.plan.hourMeters.map { ExactString($0) })
        var hours =
            hourly.filter {
                $0.key.tenant == judge.tenant && range.contains($0.key.hour)
                    && meters.contains($0.key.meter.exact)
            }
            .sorted { $0.key.hourlyPlace < $1.key.hourlyPlace }[...]
        for event in events {
            while let hour = hours.first,
                WhatIfTenant.isOver(hour: hour.key.hour, at: event.admittedAt)
            {
                judge.take(hour.key, hour.value)
                hours.removeFirst()
            }
            judge.take(event)
        }
        for hour in hours { judge.take(hour.key, hour.value) }
        judge.finish()
        return judge.refusals
    }
}

extension HourlyUsageKey {
    fileprivate var hourlyPlace: (Timestamp, APIKeyID, MeterID, ExactString) {
        (hour, key, meter, ExactString(model?.text ?? ""))
    }
}

extension WhatIfTenant {
    /// Takes the next event; see ``take(_:)``.
    package mutating func take(_ event: UsageEvent) {
        Bytes.of(event.id, event.meter.text, event.key.text, event.model?.text ?? "") {
            take(
                WhatIfEvent(
                    at: event.admittedAt, id: $0, meter: $1, key: $2, model: $3,
                    units: event.units))
        }
    }

    /// Takes the sum of the next hour; see ``take(_:)``.
    package mutating func take(_ key: HourlyUsageKey, _ sum: UsageSum) {
        Bytes.of("", key.meter.text, key.key.text, key.model?.text ?? "") { _, meter, name, model in
            take(
                WhatIfHour(
                    hour: key.hour, meter: meter, key: name, model: model, units: sum.units,
                    postings: sum.postings))
        }
    }
}

/// The bytes of several texts at once.
private enum Bytes {
    typealias View = UnsafeBufferPointer<UInt8>

    static func of(
        _ first: String,
        _ second: String,
        _ third: String,
        _ fourth: String,
        _ body: (View, View, View, View) -> Void
    ) {
        Array(first.utf8)
            .withUnsafeBufferPointer { first in
                Array(second.utf8)
                    .withUnsafeBufferPointer { second in
                        Array(third.utf8)
                            .withUnsafeBufferPointer { third in
                                Array(fourth.utf8)
                                    .withUnsafeBufferPointer { body(first, second, third, $0) }
                            }
                    }
            }
    }
}
