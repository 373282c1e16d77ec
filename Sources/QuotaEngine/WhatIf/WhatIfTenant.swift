public import QuotaCalendar
public import QuotaModel

/// Judges the recorded use of one tenant by a plan, in the order of time.
///
/// It is as if the plan had been in force from ``readsFrom`` on, and every balance full then:
///
/// - The events of one request (same id and instant) pass all limits or none; what an enforced
///   limit refuses counts against no limit, as in the engine.
/// - A budget is the plan's quantity for each period of the tenant's calendar, with what its
///   rollover carries from the periods before, of those that are read.
/// - A rate is the engine's ``TokenBucket``.
/// - Use that is recorded by the hour counts at the start of its hour and is judged when the hour
///   is over; of an hour that does not fit, what fits passes and the rest is refused.
/// - Corrections, imports and negative units are never refused, since nobody asked for them: they
///   count against the budgets of the tenant (imports also against those of key and model), and
///   against no rate. A correction of a meter that is recorded by the hour is taken out of the sum
///   of its hour.
/// - A late posting counts when its request was admitted, whichever period it was booked in.
///
/// Only refusals from `since` on are reported.
public struct WhatIfTenant: Sendable {
    /// An hour.
    static let hourNanoseconds: Int64 = 3_600_000_000_000
    /// How far back a rate's bucket is followed at most: 30 days.
    static let longestFill: Int64 = 30 * 24 * hourNanoseconds

    /// A charge of the request that is gathered.
    struct Charge {
        let meter: Int
        let key: Int
        let model: Int
        let units: Int64
    }

    /// A balance that a request is asked of.
    struct Touch {
        let balance: Int
        let rule: Int
        let units: Int64
        let fits: Bool
    }

    /// Whose use it is.
    public let tenant: TenantID
    /// From which instant on use has to be read.
    public let readsFrom: Timestamp
    /// The first instant that does not count.
    public let until: Timestamp
    let since: Timestamp
    /// The plan.
    public let plan: WhatIfPlan
    let calendar: TenantCalendar
    var meters: NameTable
    var models: NameTable
    var keys = NameTable()
    /// The balances: those of the plan's limits, then those of keys.
    var balances: [WhatIfBalance]
    /// Where the balance of a key is, by limit and the key's number; 0 when there is none yet.
    var keyBalances: [[Int]]
    /// The request that is gathered: its charges, its id and its instant.
    var charges: [Charge] = []
    var requestID: [UInt8] = []
    var requestAt: Timestamp = .distantPast
    var touches: [Touch] = []
    /// Corrections in the hour that is read, by meter, key and model.
    var corrections: [WhatIfHourPlace: Int64] = [:]
    var correctedHour: Timestamp?
    /// What was refused so far.
    public internal(set) var refusals: WhatIfRefusals

    /// Begins with nothing used.
    ///
    /// - Parameters:
    ///   - plan: the plan.
    ///   - tenant: the tenant.
    ///   - calendar: the tenant's periods.
    ///   - since: the first instant whose refusals count.
    ///   - until: the first instant that does not count any more.
    public init(
        _ plan: WhatIfPlan,
        tenant: TenantID,
        calendar: TenantCalendar,
        since: Timestamp,
        until: Timestamp
    ) {
        self.plan = plan
        self.tenant = tenant
        self.calendar = calendar
        self.since = since
        self.until = until
        meters = plan.meters
        models = plan.models
        let count = plan.plan.limits.count
        balances = Array(repeating: WhatIfBalance(), count: count)
        keyBalances = Array(repeating: [], count: count)
        refusals = WhatIfRefusals(tenant: tenant, limits: count)
        readsFrom = Self.start(plan, calendar, since)
    }

    /// How many periods before the one of `since` are read at most where units are carried.
    static let longestCarry = 12

    /// The start of the longest period that contains `since`, or of the oldest from which units can
    /// be carried into it; or from when on a bucket that was empty could be full at `since`.
    private static func start(
        _ plan: WhatIfPlan,
        _ calendar: TenantCalendar,
        _ since: Timestamp
    ) -> Timestamp {
        var start = since
        for rule in plan.rules {
            if let rate = rule.rate {
                let bucket = TokenBucket(
                    missing: Int128(rate.burst) * Int128(rate.windowNanoseconds), updatedAt: since)
                let fill = bucket.nanosecondsUntilFull(rate) ?? 0
                start = min(start, since.adding(nanoseconds: -min(fill, longestFill)))
            } else if var period = calendar.period(of: rule.window, containing: since) {
                let age = rule.policy.map { $0.rollover.maxAgePeriods ?? longestCarry } ?? 0
                for _ in 0..<min(age, longestCarry) {
                    let before = period.start.adding(nanoseconds: -1)
                    period = calendar.period(of: rule.window, containing: before) ?? period
                }
                start = min(start, period.start)
            }
        }
        return start
    }
}

/// Where the use of an hour is summed up.
struct WhatIfHourPlace: Hashable, Sendable {
    let meter: Int
    let key: Int
    let model: Int
}
