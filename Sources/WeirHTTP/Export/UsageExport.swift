import QuotaLedger
import QuotaModel
import QuotaNode

/// Goes through what was booked from one date to another, tenant by tenant, the oldest first.
struct UsageExport: Sendable {
    /// How many events, sums or tenants are read at once.
    static let pageSize = 1_000

    private let node: QuotaNode
    private let first: CivilDate
    private let last: CivilDate
    /// The tenants that follow, as far as they are read.
    private var tenants: ArraySlice<TenantID>
    /// The last tenant that was read; nil before the first.
    private var lastTenant: TenantID?
    /// Whether there are no more tenants to be read.
    private var isLastPage: Bool
    private var current: TenantExport?

    /// Creates an export of one tenant, or with nil of all.
    init(node: QuotaNode, tenant: TenantID?, first: CivilDate, last: CivilDate) {
        self.node = node
        self.first = first
        self.last = last
        tenants = tenant.map { [$0] } ?? []
        isLastPage = tenant != nil
    }

    /// The next rows, perhaps none; nil at the end.
    mutating func next() async throws(NodeError) -> [ExportRow]? {
        if let rows = try await current?.next() { return rows }
        current = nil
        if tenants.isEmpty, !isLastPage {
            let page = try await node.tenants(after: lastTenant, limit: Self.pageSize)
            tenants = page.map(\.id)[...]
            lastTenant = tenants.last
            isLastPage = page.count < Self.pageSize
        }
        guard let tenant = tenants.popFirst() else { return nil }
        current = TenantExport(node: node, tenant: tenant, first: first, last: last)
        return []
    }
}

/// Goes through what a tenant has used, the oldest first.
///
/// Never more than a page of events is in memory, and the sums of one day by key, model and meter:
/// what the hourly sums have beyond the events of a day follows them as rows of the day, so that
/// the rows add up to the ledger's sums.
private struct TenantExport {
    private let node: QuotaNode
    private let tenant: TenantID
    private let first: CivilDate
    private let last: CivilDate
    /// The dates that have sums and are not through; nil before they are read.
    private var days: ArraySlice<CivilDate>?
    /// The events that come next; nil when there are none.
    private var page: EventPage?
    /// Events that are read and not through.
    private var events: ArraySlice<UsageEvent> = []
    /// Events of one booking, which may go on.
    private var booking: [UsageEvent] = []
    /// What the events of the day add up to that comes next.
    private var day = DayUse()
    /// The date whose sums are being read, and where they go on.
    private var rest: (date: CivilDate, after: UsageSumPage.Place?)?

    init(node: QuotaNode, tenant: TenantID, first: CivilDate, last: CivilDate) {
        self.node = node
        self.tenant = tenant
        self.first = first
        self.last = last
        page = EventPage(
            tenant: tenant, start: first.startUTC,
            end: CivilDate(daysSinceEpoch: last.daysSinceEpoch + 1).startUTC,
            isOldestFirst: true, limit: UsageExport.pageSize)
    }

    /// The next rows, perhaps none; nil at the end.
    mutating func next() async throws(NodeError) -> [ExportRow]? {
        if let rest { return try await rows(of: rest.date, after: rest.after) }
        if days == nil { days = try await activeDays()[...] }
        if events.isEmpty, let page {
            let found = try await node.bookedEvents(page)
            events = found[...]
            let isFull = found.count == UsageExport.pageSize
            self.page = isFull ? found.last.map(page.following) : nil
        }
        let rows = take()
        if !rows.isEmpty || page != nil || !events.isEmpty || rest != nil { return rows }
        if !booking.isEmpty { return endBooking() }
        guard let date = days?.popFirst() else { return nil }
        rest = (date, nil)
        return []
    }

    /// Takes the events that are read, as far as the day that is complete with them.
    private mutating func take() -> [ExportRow] {
        var rows: [ExportRow] = []
        while let event = events.first {
            if let earlier = booking.first, !earlier.isBookedWith(event) { rows += endBooking() }
            let date = event.admittedAt.date
            if let complete = days?.first, complete < date {
                days?.removeFirst()
                rest = (complete, nil)
                return rows
            }
            events.removeFirst()
            day.add(event, on: date)
            booking.append(event)
        }
        return rows
    }

    private mutating func endBooking() -> [ExportRow] {
        defer { booking = [] }
        return ExportRow.rows(of: booking)
    }

    /// The dates on which the tenant has used something, in order.
    private func activeDays() async throws(NodeError) -> [CivilDate] {
        var days: [CivilDate] = []
        var after: UsageSumPage.Place?
        while true {
            let sums = try await node.bookedSums(
                UsageSumPage(
                    tenant: tenant, first: first, last: last, grouping: .day, after: after,
                    limit: UsageExport.pageSize))
            for sum in sums {
                guard let date = CivilDate(sum.group), date != days.last else { continue }
                days.append(date)
            }
            guard sums.count == UsageExport.pageSize, let last = sums.last else { return days }
            after = UsageSumPage.Place(group: last.group, meter: last.meter)
        }
    }

    /// What the sums of a day have beyond its events, a page at a time.
    private mutating func rows(
        of date: CivilDate,
        after: UsageSumPage.Place?
    ) async throws(NodeError) -> [ExportRow] {
        let sums = try await node.bookedSums(
            UsageSumPage(
                tenant: tenant, first: date, last: date, grouping: .dayKeyModel, after: after,
                limit: UsageExport.pageSize))
        rest = nil
        if sums.count == UsageExport.pageSize, let last = sums.last {
            rest = (date, UsageSumPage.Place(group: last.group, meter: last.meter))
        }
        let known = day.date == date ? day.sums : [:]
        return sums.compactMap { sum in
            guard let subject = DayUse.Subject(sum) else { return nil }
            let events = known[subject] ?? UsageSum()
            let units = sum.sum.units.subtractingSaturating(events.units)
            let requests = sum.sum.postings.subtractingSaturating(events.postings)
            guard units != 0 || requests != 0 else { return nil }
            return ExportRow(tenant, subject, on: date, units: units, requests: requests)
        }
    }
}

/// What the events of a day add up to.
private struct DayUse {
    /// What the sums are kept by.
    struct Subject: Hashable {
        let key: APIKeyID
        let model: ModelName?
        let meter: MeterID

        init(_ event: UsageEvent) {
            (key, model, meter) = (event.key, event.model, event.meter)
        }

        /// Of a group by day, key and model; nil for any other.
        init?(_ group: UsageGroup) {
            let parts = group.group.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            key = APIKeyID(trusted: String(parts[1]))
            model = parts[2].isEmpty ? nil : ModelName(trusted: String(parts[2]))
            meter = group.meter
        }
    }

    private(set) var date: CivilDate?
    private(set) var sums: [Subject: UsageSum] = [:]

    /// Adds an event; the first one of another date begins that.
    mutating func add(_ event: UsageEvent, on date: CivilDate) {
        if self.date != date {
            self.date = date
            sums.removeAll(keepingCapacity: true)
        }
        let subject = Subject(event)
        let sum = sums[subject] ?? UsageSum()
        sums[subject] = UsageSum(
            units: sum.units.addingSaturating(event.units),
            postings: sum.postings.addingSaturating(event.requests))
    }
}

extension ExportRow {
    fileprivate init(
        _ tenant: TenantID,
        _ subject: DayUse.Subject,
        on date: CivilDate,
        units: Int64,
        requests: Int64
    ) {
        self.init(
            kind: .day, tenant: tenant,
            event: UsageEvent(
                tenant: tenant, id: "", meter: subject.meter, units: units, overage: 0,
                key: subject.key, model: subject.model, admittedAt: date.startUTC,
                postedAt: date.startUTC, adjusts: nil, idempotencyKey: nil, metadata: nil),
            requests: requests)
    }
}

extension Int64 {
    // A ledger's sums end at 64 bits too.
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        Int64(clamping: Int128(self) + Int128(other))
    }

    fileprivate func subtractingSaturating(_ other: Int64) -> Int64 {
        Int64(clamping: Int128(self) - Int128(other))
    }
}

extension UsageEvent {
    /// Whether two events were booked for one request.
    fileprivate func isBookedWith(_ other: UsageEvent) -> Bool {
        admittedAt == other.admittedAt && ExactString(id) == ExactString(other.id)
    }
}
