// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import QuotaEngine
public import QuotaModel

extension MemoryLedger {
    public func periods(_ page: PeriodPage) async -> [PeriodRecord] {
        withStore { store in
            let open = store.accounts.values.map { PeriodRecord(record: $0, closedAt: nil) }
            let closed = store.archives.map {
                PeriodRecord(record: $0.record, closedAt: $0.closedAt)
            }
            let found = (open + closed)
                .filter { period in
                    let record = period.record
                    return record.key.tenant == page.tenant
                        && (page.meter == nil || record.meter == page.meter)
                        && (page.window == nil || record.window == page.window)
                        && page.after.map { $0.isBefore(period.place) } ?? true
                }
            return Array(found.sorted { $0.place.isBefore($1.place) }.prefix(page.limit))
        }
    }

    public func heldReservations(
        of tenant: TenantID?,
        after place: ReservationPlace?,
        limit: Int
    ) async -> [Reservation] {
        withStore { store in
            let found = store.reservations.values.filter { reservation in
                guard reservation.state == .held, tenant == nil || reservation.tenant == tenant
                else { return false }
                return place.map { ($0.expiresAt, $0.id) < reservation.place } ?? true
            }
            return Array(found.sorted { $0.place < $1.place }.prefix(limit))
        }
    }

    public func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async -> [SuspectGrant] {
        withStore { store in
            let found = store.suspects.filter { suspect in
                (tenant == nil || suspect.tenant == tenant)
                    && place.map { $0.order < suspect.grant.id.order } ?? true
            }
            return Array(found.sorted { $0.grant.id.order < $1.grant.id.order }.prefix(limit))
        }
    }

    public func usageSums(_ page: UsageSumPage) async -> [UsageGroup] {
        withStore { store in
            let (start, end) = page.interval
            var sums: [UsageSumPage.Place: UsageSum] = [:]
            for (key, sum) in store.hourly {
                guard key.tenant == page.tenant, start <= key.hour, key.hour < end,
                    page.meter == nil || key.meter == page.meter
                else { continue }
                let place = UsageSumPage.Place(group: key.group(page.grouping), meter: key.meter)
                let earlier = sums[place] ?? UsageSum()
                sums[place] = UsageSum(
                    units: earlier.units.addingSaturating(sum.units),
                    postings: earlier.postings.addingSaturating(sum.postings))
            }
            let found = sums.filter { place, _ in page.after.map { $0.order < place.order } ?? true
            }
            return found.sorted { $0.key.order < $1.key.order }.prefix(page.limit)
                .map { UsageGroup(group: $0.key.group, meter: $0.key.meter, sum: $0.value) }
        }
    }

    public func events(_ page: EventPage) async -> [UsageEvent] {
        withStore { store in
            let found = store.events.values.filter { event in
                event.tenant == page.tenant
                    && page.start <= event.admittedAt && event.admittedAt < page.end
                    && (page.meter == nil || event.meter == page.meter)
                    && (page.key == nil || event.key == page.key)
                    && page.after.map {
                        let place = ($0.admittedAt, ExactString($0.id), $0.meter)
                        return page.isOldestFirst ? place < event.place : event.place < place
                    } ?? true
            }
            let sorted = found.sorted {
                page.isOldestFirst ? $0.place < $1.place : $1.place < $0.place
            }
            return Array(sorted.prefix(page.limit))
        }
    }

    public func audit(
        _ filter: AuditFilter,
        before number: Int64?,
        limit: Int
    ) async -> [AuditEntry] {
        withStore { store in
            let found = store.audit.reversed().map(\.entry)
                .filter { entry in
                    (number == nil || entry.number < number!)
                        && (filter.tenant == nil || entry.note.tenant == filter.tenant)
                        && (filter.action == nil || entry.note.action == filter.action)
                        && (filter.subject == nil
                            || ExactString(entry.note.subject)
                                == filter.subject.map(ExactString.init))
                }
            return Array(found.prefix(limit))
        }
    }
}

extension MemoryStore {
    /// All grants and leases that somebody has to find out about.
    var suspects: [SuspectGrant] {
        let grants = grants.values.filter { $0.grant.state == .suspect }
            .compactMap { record in
                reservations[record.reservation].map { SuspectGrant(record, tenant: $0.tenant) }
            }
        let leases = leases.values.filter { $0.grant.state == .suspect && $0.grant.rest > 0 }
            .compactMap { lease in
                holders[lease.holder].map { SuspectGrant(lease, $0.state) }
            }
        return grants + leases
    }
}

extension PeriodRecord.Place {
    fileprivate func isBefore(_ other: Self) -> Bool {
        start == other.start ? limit < other.limit : start > other.start
    }
}

extension Reservation {
    fileprivate var place: (Timestamp, ReservationID) { (expiresAt, id) }
}

extension GrantID {
    var order: (ExactString, Int64, Int64) {
        (ExactString(holder), incarnation, sequence)
    }
}

extension UsageSumPage.Place {
    fileprivate var order: (ExactString, MeterID) { (ExactString(group), meter) }
}

extension UsageEvent {
    fileprivate var place: (Timestamp, ExactString, MeterID) {
        (admittedAt, ExactString(id), meter)
    }
}

extension UsageSumPage {
    /// The instants of the dates, half-open.
    package var interval: (start: Timestamp, end: Timestamp) {
        (first.startUTC, CivilDate(daysSinceEpoch: last.daysSinceEpoch + 1).startUTC)
    }
}

extension HourlyUsageKey {
    fileprivate func group(_ grouping: UsageSumPage.Grouping) -> String {
        switch grouping {
        case .day: hour.date.description
        case .key: key.text
        case .model: model?.text ?? ""
        case .meter: ""
        case .dayKeyModel: "\(hour.date)\t\(key.text)\t\(model?.text ?? "")"
        }
    }
}
