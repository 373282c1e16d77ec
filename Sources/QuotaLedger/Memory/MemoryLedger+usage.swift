// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import QuotaModel

extension MemoryLedger {
    public func events(
        of tenant: TenantID,
        after cursor: EventCursor?,
        limit: Int
    ) async -> [UsageEvent] {
        withStore { store in
            let found = store.events.values.filter { event in
                guard event.tenant == tenant else { return false }
                return cursor.map { ($0.exactID, $0.meter) < event.place } ?? true
            }
            return Array(found.sorted { $0.place < $1.place }.prefix(limit))
        }
    }

    public func hourlyUsage(
        of tenant: TenantID,
        from start: Timestamp,
        until end: Timestamp
    ) async -> [HourlyUsageKey: UsageSum] {
        withStore { store in
            store.hourly.filter { key, _ in
                key.tenant == tenant && start <= key.hour && key.hour < end
            }
        }
    }

    public func days(
        of key: APIKeyID,
        tenant: TenantID?,
        from first: CivilDate,
        through last: CivilDate
    ) async -> [KeyDayUsage] {
        withStore { store in
            store.keyDays
                .filter { day, _ in
                    day.key == key && (tenant == nil || day.tenant == tenant)
                        && first <= day.date && day.date <= last
                }
                .map { day, growth in
                    KeyDayUsage(day: day, requestCount: growth.requests, lastRequestAt: growth.last)
                }
                .sorted { ($0.day.date, $0.day.tenant) < ($1.day.date, $1.day.tenant) }
        }
    }

    public func usage(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async -> [MeterDayUsage] {
        withStore { store in
            let found = store.meterDays
                .filter { day, _ in
                    day.meter == meter && day.date == date
                        && (page.after == nil || day.tenant > page.after!)
                }
                .map { day, row in
                    MeterDayUsage(
                        tenant: day.tenant, units: row.units, exceededUntil: row.exceededUntil)
                }
                .sorted { $0.tenant < $1.tenant }
            return Array(found.dropFirst(page.offset).prefix(page.limit))
        }
    }

    public func usageTotals(
        of meter: MeterID,
        on date: CivilDate,
        exceededAt instant: Timestamp
    ) async -> UsageTotals {
        withStore { store in
            let rows = store.meterDays.filter { $0.key.meter == meter && $0.key.date == date }
            let exceeded = rows.values.count { row in
                row.exceededUntil.map { $0 > instant } ?? false
            }
            return UsageTotals(tenants: rows.count, exceeded: exceeded)
        }
    }
}

extension UsageEvent {
    fileprivate var place: (ExactString, MeterID) { (ExactString(id), meter) }
}

extension EventCursor {
    fileprivate var exactID: ExactString { ExactString(id) }
}
