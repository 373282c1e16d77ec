import QuotaCalendar
public import QuotaModel

/// A plan as recorded use is judged by it.
public struct WhatIfPlan: Sendable {
    /// How closely use tells what a limit would have refused.
    public enum Resolution: Hashable, Sendable {
        /// By the request.
        case request
        /// By the hour: the use of a key and model in an hour stands for its requests.
        case hour
        /// Not at all, and why.
        case none(String)
    }

    /// A meter, and since when its single events are kept.
    public struct RecordedMeter: Hashable, Sendable {
        /// The meter as it is now.
        public let meter: Meter
        /// When it was last changed; nil when it never was.
        public let changedAt: Timestamp?

        /// Creates a meter.
        public init(_ meter: Meter, changedAt: Timestamp? = nil) {
            self.meter = meter
            self.changedAt = changedAt
        }

        /// From which instant on its use is taken from the events; hours that begin before it count
        /// by their sums.
        ///
        /// Sums are kept of every hour, so that each hour is taken from one of the two, whole.
        var eventsFrom: Int64 {
            guard meter.recording == .event else { return .max }
            guard let changedAt else { return .min }
            let begun = changedAt.startOfHour
            return begun == changedAt
                ? begun.nanoseconds
                : begun.adding(nanoseconds: WhatIfTenant.hourNanoseconds).nanoseconds
        }
    }

    /// Whose use a rule counts.
    enum Scope: Hashable, Sendable {
        case tenant
        case eachKey
        case model(Int)
    }

    /// A limit that use can be judged by.
    struct Rule: Sendable {
        /// Its place in the plan.
        let limit: Int
        let isEnforced: Bool
        let scope: Scope
        /// A budget's units; 0 for rates.
        let quantity: Int64
        let window: Window
        /// How much of a budget is carried; nil for nothing.
        let policy: RolloverPolicy?
        /// How fast a rate's bucket fills; nil for budgets.
        let rate: TokenBucket.Rate?
    }

    /// The plan.
    public let plan: Plan
    /// The meters it may limit.
    public let recordedMeters: [RecordedMeter]
    /// How closely each limit of the plan can be judged.
    public let resolutions: [Resolution]
    /// The rules, those of one meter side by side.
    let rules: [Rule]
    /// Where the rules of a meter are, by its number.
    let rulesOfMeter: [Range<Int>]
    /// The meters of which sums of hours are needed, at least for some time.
    package let hourMeters: [String]
    let meters: NameTable
    let models: NameTable
    /// From which instant on a meter's events count, by its number.
    let eventsFrom: [Int64]
    /// Whether keys have to be told apart.
    let tellsKeys: Bool
    /// The most events of a limit and tenant whose instants are kept.
    public let maximumInstants: Int

    /// Prepares a plan.
    ///
    /// - Parameters:
    ///   - plan: the plan.
    ///   - meters: the meters it may limit.
    ///   - maximumInstants: of how many refusals of a limit and tenant the instants are kept.
    public init(_ plan: Plan, meters: [RecordedMeter], maximumInstants: Int = 10) {
        self.plan = plan
        recordedMeters = meters
        self.maximumInstants = maximumInstants
        let known = Dictionary(meters.map { ($0.meter.id, $0) }) { first, _ in first }
        resolutions = plan.limits.map { Self.resolution(of: $0, known[$0.meter]) }
        var meterNames: [String] = []
        var modelNames: [String] = []
        for limit in plan.limits {
            if !meterNames.contains(where: { ExactString($0) == limit.meter.exact }) {
                meterNames.append(limit.meter.text)
            }
            if case .model(let name) = limit.scope,
                !modelNames.contains(where: { ExactString($0) == name.exact })
            {
                modelNames.append(name.text)
            }
        }
        self.meters = NameTable(meterNames)
        models = NameTable(modelNames)
        eventsFrom = meterNames.map { known[MeterID(trusted: $0)]?.eventsFrom ?? .max }
        var byMeter = meterNames.map { _ in [Rule]() }
        for (index, limit) in plan.limits.enumerated() {
            guard let rule = Self.rule(limit, index, resolutions[index], modelNames),
                let meter = meterNames.firstIndex(where: { ExactString($0) == limit.meter.exact })
            else { continue }
            byMeter[meter].append(rule)
        }
        rules = Array(byMeter.joined())
        var end = 0
        rulesOfMeter = byMeter.map { rules in
            defer { end += rules.count }
            return end..<end + rules.count
        }
        tellsKeys = rules.contains { $0.scope == .eachKey }
        let eventsFrom = eventsFrom
        hourMeters = meterNames.indices
            .filter { !byMeter[$0].isEmpty && eventsFrom[$0] > .min }.map { meterNames[$0] }
    }

    private static func resolution(of limit: Limit, _ meter: RecordedMeter?) -> Resolution {
        guard let meter else { return .none("there is no meter \"\(limit.meter.text)\"") }
        switch limit.scope {
        case .organization: return .none("what an organization's tenants share is not replayed")
        case .key(.some): return .none("limits of a single key are not part of a plan")
        case .tenant, .key(nil), .model: break
        }
        switch limit.window.kind {
        case .allocation: return .none("recorded use does not tell what was held at once")
        case .concurrency:
            return .none("recorded use does not tell which reservations were open at once")
        case .rate where meter.meter.recording == .hourly:
            return .none(
                "use of \(limit.meter.text) is recorded by the hour, which tells nothing of "
                    + "shorter times")
        case .rate: return .request
        case .budget: return meter.meter.recording == .event ? .request : .hour
        }
    }

    private static func rule(
        _ limit: Limit,
        _ index: Int,
        _ resolution: Resolution,
        _ models: [String]
    ) -> Rule? {
        // What has no bound refuses nothing.
        guard let quantity = limit.quantity else { return nil }
        if case .none = resolution { return nil }
        let scope: Scope
        switch limit.scope {
        case .tenant: scope = .tenant
        case .key: scope = .eachKey
        case .model(let name):
            guard let number = models.firstIndex(where: { ExactString($0) == name.exact })
            else { return nil }
            scope = .model(number)
        case .organization: return nil
        }
        let compiled = CompiledLimit(limit, key: nil, source: .plan, revision: 0)
        guard limit.window.kind == .budget || compiled.rate != nil else { return nil }
        return Rule(
            limit: index, isEnforced: limit.mode == .enforce, scope: scope, quantity: quantity,
            window: limit.window, policy: limit.rollover.map { RolloverPolicy($0, version: 0) },
            rate: compiled.rate)
    }
}
