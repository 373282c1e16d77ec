import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

/// Plans and overrides that change on a date, whoever asks when.
@Suite("B8: dated changes in silence")
struct DatedChangeTests {
    private static let meter = Meter.aiTokens
    private static let hour: Int64 = 3_600_000_000_000
    /// The beginning of November 2026.
    private static let start = Timestamp(seconds: 1_793_491_200)
    /// In the middle of the March after it.
    private static let end = start.adding(nanoseconds: 135 * 24 * hour)

    /// A tenant whose plan and overrides change on dates, and what it uses when.
    private struct Life {
        var tenant: Tenant
        var overrides: [LimitOverride] = []
        let plans: [PlanID: Plan]
        var uses: [(at: Timestamp, units: Int64)] = []
        let key: APIKey?

        func entitlements(at now: Timestamp) -> Entitlements {
            let catalog = { (id: PlanID) in plans[id] }
            return Entitlements(
                tenant: tenant, plan: ResolvedPlan(of: tenant, at: now, in: catalog).plan,
                key: key, overrides: overrides, now: now, catalog: catalog)
        }
    }

    /// A rollover by chance; nil for none.
    private static func rollover(_ random: inout SeededRandom) throws -> Rollover? {
        let cap: Rollover.Cap? =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: .units(700)
            case 1: .percent(50)
            case 2: .total(2_500)
            default: nil
            }
        if Int.random(in: 0..<4, using: &random) == 0 { return nil }
        return try Rollover(
            cap: cap, maxAgePeriods: Bool.random(using: &random) ? nil : 2,
            burnOrder: Bool.random(using: &random) ? .planFirst : .carriedFirst,
            onPlanChange: Rollover.PlanChangeRule.allCases.randomElement(using: &random) ?? .keep,
            overage: Bool.random(using: &random) ? .carry : .forgive)
    }

    private static func instant(
        _ days: Range<Int64>,
        _ random: inout SeededRandom
    ) -> Timestamp {
        // Often at a boundary of a month.
        let boundaries: [Int64] = [30, 61, 92, 120]
        let day = Int64.random(in: days, using: &random)
        if Int.random(in: 0..<4, using: &random) == 0,
            let boundary = boundaries.filter(days.contains).randomElement(using: &random)
        {
            return start.adding(nanoseconds: boundary * 24 * hour)
        }
        return start.adding(
            nanoseconds: (day * 24 + Int64.random(in: 0..<24, using: &random)) * hour)
    }

    private static func life(_ random: inout SeededRandom) throws -> Life {
        let isOfKeys = Int.random(in: 0..<4, using: &random) == 0
        let quantities: [Int64?] = [1_000, 500, 2_000, nil, 100]
        var plans: [PlanID: Plan] = [:]
        for name in ["a", "b", "c", "free"] {
            let id = PlanID(trusted: name)
            let limit = Limit(
                meter: meter.id, scope: isOfKeys ? .key(nil) : .tenant, window: .month,
                quantity: quantities.randomElement(using: &random) ?? 1_000,
                rollover: try rollover(&random))
            let isThere = name == "free" || Int.random(in: 0..<6, using: &random) > 0
            plans[id] = Plan(
                id: id, name: name, weight: 1, limits: isThere ? [limit] : [],
                revision: Int64.random(in: 1...9, using: &random))
        }
        let names = [PlanID](plans.keys).sorted()
        let dates = (0..<Int.random(in: 0...4, using: &random))
            .map { _ in instant(1..<125, &random) }
        let steps = Set(dates).sorted()
            .map { date in
                PlanStep(plan: names.randomElement(using: &random) ?? .fallback, since: date)
            }
        var tenant = Tenant(
            id: TenantID(trusted: "acme"),
            plan: names.randomElement(using: &random) ?? .fallback, createdAt: start,
            planSteps: steps, revision: 3)
        tenant.noteQuantities { plans[$0]?.quantities }
        let key =
            isOfKeys
            ? APIKey(id: APIKeyID(trusted: "k_1"), tenant: tenant.id, name: "k", createdAt: start)
            : nil
        var life = Life(tenant: tenant, plans: plans, key: key)
        var last: Int64 = 0
        while !isOfKeys, last < 100, Int.random(in: 0..<3, using: &random) > 0 {
            let begin = Int64.random(in: last..<110, using: &random)
            let end = Int64.random(in: begin + 1..<140, using: &random)
            let from = start.adding(nanoseconds: begin * 24 * hour)
            life.overrides.append(
                LimitOverride(
                    id: LimitOverride.ID(
                        tenant: life.tenant.id, meter: meter.id, window: .month,
                        startsAt: begin == 0 ? nil : from),
                    effect: Bool.random(using: &random)
                        ? .quantity(Int64.random(in: 0...3_000, using: &random))
                        : .multiplier(percent: Int64.random(in: 1...300, using: &random)),
                    expiresAt: start.adding(nanoseconds: end * 24 * hour), createdAt: start))
            last = end
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            life.uses.append(
                (instant(0..<130, &random), Int64.random(in: 1...900, using: &random)))
        }
        life.uses.sort { $0.at < $1.at }
        return life
    }

    /// What came of a life.
    private struct Outcome {
        /// What was admitted, and what the last month has.
        var seen: [String] = []
        /// What closed periods had, those that had an account.
        var closed: [AccountID: [Int64]] = [:]

        /// Whether both saw the same, also of each period that has an account in both.
        func agrees(with other: Outcome) -> Bool {
            seen == other.seen
                && closed.allSatisfy { id, units in (other.closed[id] ?? units) == units }
        }
    }

    /// What comes of a life when somebody also looks at `looks`.
    private static func run(_ life: Life, looks: [Timestamp]) throws -> Outcome {
        var store = MemoryStore(plans: [], meters: [meter])
        let calendar = TenantCalendar(life.tenant)
        var outcome = Outcome()
        func demands(_ now: Timestamp, _ units: Int64) -> [Demand] {
            life.entitlements(at: now).applicable(to: [meter.id], model: nil)
                .map { Demand(limit: $0, amount: units) }
        }
        func look(_ now: Timestamp) throws {
            // As the node does it: all of the limits of a plan.
            var view = ViewCommand(
                tenant: life.tenant.id,
                demands: life.entitlements(at: now).withOtherPlans
                    .map { Demand(limit: $0, amount: 0) },
                calendar: calendar)
            if let key = life.key { view.key = key.id }
            let sweep = SweepCommand(forgetAnswersBefore: .distantPast, maximumAnswers: 1_000)
            _ = try store.commit([.sweep(sweep), .refresh(view)], now: now, steady: now)
        }
        let events =
            looks.map { (at: $0, units: Int64?.none) }
            + life.uses.map { (at: $0.at, units: Int64?.some($0.units)) }
        try look(start)
        for (number, event)
            in events.sorted(by: { ($0.at, $0.units ?? 0) < ($1.at, $1.units ?? 0) })
            .enumerated()
        {
            guard let units = event.units else {
                try look(event.at)
                continue
            }
            let use = AdmitCommand(
                tenant: life.tenant.id, key: life.key?.id ?? .service, model: nil,
                charges: [
                    MeteredCharge(
                        charge: Charge(meter: meter.id, amount: units), recording: .event)
                ],
                demands: demands(event.at, units), calendar: calendar, decisionID: "d_\(number)")
            let answer = try store.commit([.admit(use)], now: event.at, steady: event.at).first
            guard case .admitted(let admitted) = answer, case .decided(let decided, _) = admitted
            else { continue }
            outcome.seen.append("\(event.at): \(decided.isAdmitted)")
        }
        try look(end)
        let last = life.entitlements(at: end).applicable(to: [meter.id], model: nil)
        for limit in last {
            let view = ViewCommand(
                tenant: life.tenant.id, demands: [Demand(limit: limit, amount: 0)],
                calendar: calendar)
            let seen = try store.commit([.refresh(view)], now: end, steady: end).first
            guard case .viewed(let viewed) = seen,
                case .account(let account, _)? = viewed.states.first
            else { continue }
            outcome.seen.append("\(limit.name): \(account.capacity), \(account.extra) extra")
        }
        // The accounts of keys know what is decided only where something carries over for keys.
        let names = [life.tenant.firstPlan] + life.tenant.planSteps.map(\.plan)
        let carries = names.compactMap { life.plans[$0] }.flatMap(\.limits)
            .contains { $0.rollover != nil }
        for archive in store.archives.map(\.record) where life.key == nil || carries {
            let account = archive.account
            outcome.closed[archive.id] = [account.capacity, account.posted, account.available]
        }
        return outcome
    }

    @Test("a period has the same units whether or not somebody asked before", arguments: 0..<40)
    func sameUnits(batch: UInt64) throws {
        for seed in batch * 25..<batch * 25 + 25 {
            var random = SeededRandom(seed: seed)
            let life = try Self.life(&random)
            let dates =
                life.tenant.planSteps.map(\.since) + life.overrides.map(\.startsAt)
                + life.overrides.compactMap(\.expiresAt)
            let boundaries = [30, 61, 92, 120]
                .map {
                    Self.start.adding(nanoseconds: $0 * 24 * Self.hour)
                }
            let idle = try Self.run(life, looks: [])
            let busy = try Self.run(life, looks: (dates + boundaries).filter { $0 < Self.end })
            let some = (0..<6).map { _ in Self.instant(0..<134, &random) }
            let between = try Self.run(life, looks: some)
            #expect(idle.agrees(with: busy), "seed \(seed): \(idle), \(busy)")
            #expect(idle.agrees(with: between), "seed \(seed): \(idle), \(between) \(some)")
        }
    }
}
