import QuotaModel

/// An independent count of quotas, as simple as can be.
///
/// It keeps a list of bookings and adds it up whenever anybody asks.
///
/// It shares no arithmetic with the ledger. Slow, and meant to be read.
struct NaiveQuotas: Sendable {
    struct Figures: Equatable, Sendable, CustomStringConvertible {
        var posted: Int64 = 0
        var held: Int64 = 0
        var suspect: Int64 = 0

        var description: String { "posted \(posted), held \(held), suspect \(suspect)" }
    }

    private struct PeriodID: Hashable {
        let tenant: TenantID
        let limit: Int
        let start: Timestamp
    }

    private static let graceNanoseconds: Int64 = 900_000_000_000

    private let limits: [TenantID: [NaiveLimit]]
    private var bookings: [Int: NaiveBooking] = [:]
    /// Periods that are over and in which nothing was outstanding any more, at some instant since.
    private var closed: Set<PeriodID> = []
    private var buckets: [TenantID: [Int: NaiveBucket]] = [:]

    init(limits: [TenantID: [NaiveLimit]]) {
        self.limits = limits
    }

    /// What counts in the period of `now`, one for each limit; nil for rates.
    func figures(_ tenant: TenantID, at now: Timestamp) -> [Figures?] {
        (limits[tenant] ?? []).enumerated()
            .map { index, limit in
                limit.periodStart(now).map { figures(tenant, index, limit.meter, periodStart: $0) }
            }
    }

    private func figures(
        _ tenant: TenantID,
        _ limit: Int,
        _ meter: MeterID,
        periodStart: Timestamp
    ) -> Figures {
        var sum = Figures()
        for booking in bookings.values where booking.tenant == tenant {
            let held = booking.periods[limit] == periodStart ? booking.held[meter] ?? 0 : 0
            switch booking.state {
            case .held: sum.held += held
            case .suspect: sum.suspect += held
            case .posted where booking.postedIn[limit] == periodStart:
                sum.posted += booking.used[meter] ?? 0
            case .posted, .voided: continue
            }
        }
        return sum
    }

    /// Everything that was ever posted of a meter.
    func totalPosted(_ tenant: TenantID, _ meter: MeterID) -> Int64 {
        bookings.values.filter { $0.tenant == tenant && $0.state == .posted }
            .reduce(0) { $0 + ($1.used[meter] ?? 0) }
    }
}

// What happens.
extension NaiveQuotas {
    /// Asks for units of several meters, and takes all or none.
    mutating func admit(
        _ id: Int,
        tenant: TenantID,
        amounts: [MeterID: Int64],
        hold: (expiresAt: Timestamp, onExpiry: Reservation.OnExpiry)?,
        now: Timestamp
    ) -> Bool {
        let limits = limits[tenant] ?? []
        for (index, limit) in limits.enumerated() where limit.isEnforced {
            guard let amount = amounts[limit.meter], let quantity = limit.quantity else { continue }
            if let start = limit.periodStart(now) {
                let taken = figures(tenant, index, limit.meter, periodStart: start)
                if taken.posted + taken.held + taken.suspect + amount > quantity { return false }
            } else if !bucket(tenant, index, limit, now: now).has(amount) {
                return false
            }
        }
        for (index, limit) in limits.enumerated() where limit.periodStart(now) == nil {
            guard let amount = amounts[limit.meter] else { continue }
            var bucket = bucket(tenant, index, limit, now: now)
            bucket.take(amount)
            buckets[tenant, default: [:]][index] = bucket
        }
        bookings[id] = NaiveBooking(
            tenant: tenant, expiresAt: hold?.expiresAt ?? now, onExpiry: hold?.onExpiry ?? .post,
            held: amounts, periods: limits.map { $0.periodStart(now) })
        if hold == nil { post(id, used: amounts, now: now) }
        closeIdle(now: now)
        return true
    }

    private func bucket(
        _ tenant: TenantID,
        _ index: Int,
        _ limit: NaiveLimit,
        now: Timestamp
    ) -> NaiveBucket {
        var bucket = buckets[tenant]?[index] ?? NaiveBucket(limit, full: now)
        bucket.fill(now: now)
        return bucket
    }

    /// The holder says what was used; answers whether that is taken.
    mutating func settle(_ id: Int, used: [MeterID: Int64], now: Timestamp) -> Bool {
        guard let booking = bookings[id] else { return false }
        if booking.state == .posted { return true }
        if booking.state == .voided, !booking.isEndedByExpiry { return false }
        let used = booking.held.merging(used) { $1 }
        post(id, used: used, now: now)
        owe(booking, used: used, now: now)
        closeIdle(now: now)
        return true
    }

    /// Use beyond what was held is a debt of the rates.
    private mutating func owe(_ booking: NaiveBooking, used: [MeterID: Int64], now: Timestamp) {
        for (index, limit) in (limits[booking.tenant] ?? []).enumerated()
        where limit.periodStart(now) == nil && limit.quantity != nil {
            guard let held = booking.held[limit.meter], let used = used[limit.meter] else {
                continue
            }
            if used <= held { continue }
            var bucket = bucket(booking.tenant, index, limit, now: now)
            bucket.take(used - held)
            buckets[booking.tenant, default: [:]][index] = bucket
        }
    }

    /// The holder says that nothing was used; answers whether that is taken.
    mutating func void(_ id: Int, now: Timestamp) -> Bool {
        guard let booking = bookings[id] else { return false }
        if booking.state == .posted { return false }
        bookings[id]?.isEndedByExpiry = false
        if booking.state == .voided { return true }
        bookings[id]?.state = .voided
        closeIdle(now: now)
        return true
    }

    /// Ends what is due; answers how many that were.
    mutating func expire(now: Timestamp) -> Int {
        let due = bookings.filter { $0.value.state == .held && $0.value.expiresAt <= now }
        for (id, booking) in due {
            switch booking.onExpiry {
            case .suspect: bookings[id]?.state = .suspect
            case .void: bookings[id]?.state = .voided
            case .post: post(id, used: booking.held, now: booking.expiresAt)
            }
            bookings[id]?.isEndedByExpiry = true
        }
        closeIdle(now: now)
        return due.count
    }

    /// Posts use in the period of its admission, or in the current one when that is closed.
    private mutating func post(_ id: Int, used: [MeterID: Int64], now: Timestamp) {
        guard var booking = bookings[id], let limits = limits[booking.tenant] else { return }
        booking.postedIn = limits.enumerated()
            .map { index, limit in
                guard let own = booking.periods[index] else { return nil }
                let period = PeriodID(tenant: booking.tenant, limit: index, start: own)
                let end = limit.periodEnd(own).adding(nanoseconds: Self.graceNanoseconds)
                return now < end && !closed.contains(period) ? own : limit.periodStart(now)
            }
        booking.used = used
        booking.state = .posted
        bookings[id] = booking
    }

    /// Closes the periods that are over and wait for nothing.
    private mutating func closeIdle(now: Timestamp) {
        for booking in bookings.values {
            for (index, limit) in (limits[booking.tenant] ?? []).enumerated() {
                guard let own = booking.periods[index], limit.periodEnd(own) <= now else {
                    continue
                }
                let isWaiting = bookings.values.contains { other in
                    other.tenant == booking.tenant && other.periods[index] == own
                        && other.isOutstanding && other.held[limit.meter] != nil
                }
                if isWaiting { continue }
                closed.insert(PeriodID(tenant: booking.tenant, limit: index, start: own))
            }
        }
    }
}
