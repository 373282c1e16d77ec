import QuotaEngine
import QuotaModel
import Testing

@Suite("Which refusal a caller hears of")
struct RefusalTests {
    private let now = Timestamp(seconds: 86_400 * 10)
    private let tokens = Meter.aiTokens.id
    private let calls = Meter.apiCalls.id

    private func demand(
        _ limit: Limit,
        _ amount: Int64,
        source: LimitStatus.Source = .plan
    ) -> Demand {
        Demand(
            limit: CompiledLimit(limit, key: nil, source: source, revision: 1), amount: amount)
    }

    private func account(_ quantity: Int64, available: Int64, hours: Int64? = 1) -> LimitState {
        let account = Account(
            capacity: quantity, available: available, escrowed: 0, suspect: 0,
            posted: quantity - available, isUnlimited: false, state: .open, limitRevision: 1,
            version: 0)
        let end = hours.map { now.adding(nanoseconds: $0 * 3_600_000_000_000) }
        return .account(
            account, Period(start: .distantPast, end: end ?? .distantFuture, index: 0))
    }

    private func refusal(
        _ pairs: [(Demand, LimitState)],
        plans: [Plan] = Plan.builtIn
    ) -> Refusal? {
        let violations = pairs.enumerated()
            .compactMap { index, pair in
                pair.0.violation(index: index, state: pair.1, now: now)
            }
        return Refusal(violations: violations, demands: pairs.map(\.0), plans: plans)
    }

    private func plan(_ id: String, _ limits: [Limit], weight: Int64 = 1) -> Plan {
        Plan(id: PlanID(trusted: id), name: id, weight: weight, limits: limits)
    }

    private func month(_ quantity: Int64?) -> Limit {
        Limit(meter: tokens, window: .month, quantity: quantity)
    }

    @Test("what fits is not violated, one more unit is")
    func violation() {
        let full = demand(month(100), 30)
        #expect(full.violation(index: 0, state: account(100, available: 30), now: now) == nil)
        let violation = full.violation(index: 4, state: account(100, available: 29), now: now)
        #expect(violation?.index == 4 && violation?.available == 29)
        #expect(violation?.retryAfterNanoseconds == 3_600_000_000_000)
        #expect(violation?.isEnforced == true)
        let below = full.violation(index: 0, state: account(100, available: -7), now: now)
        #expect(below?.available == 0)
        let look = demand(month(100), 0)
        #expect(look.violation(index: 0, state: account(100, available: -7), now: now) == nil)
        let tooMuch = demand(month(100), 101)
        let never = tooMuch.violation(index: 0, state: account(100, available: 100), now: now)
        #expect(never != nil && never?.retryAfterNanoseconds == nil, "waiting does not help")
        let lifetime = demand(Limit(meter: tokens, window: .lifetime, quantity: 100), 1)
        let ended = lifetime.violation(
            index: 0, state: account(100, available: 0, hours: nil), now: now)
        #expect(ended != nil && ended?.retryAfterNanoseconds == nil)
    }

    @Test("the longest wait wins; what never passes waits longest")
    func longestWait() {
        let hour = (demand(month(100), 50), account(100, available: 1, hours: 1))
        let week = (
            demand(Limit(meter: tokens, window: .week, quantity: 90), 50),
            account(90, available: 2, hours: 100)
        )
        let never = (
            demand(Limit(meter: tokens, window: .day, quantity: 40), 50),
            account(40, available: 40, hours: 2)
        )
        let shadow = (
            demand(Limit(meter: tokens, window: .year, quantity: 1, mode: .shadow), 50),
            account(1, available: 0, hours: 900)
        )
        #expect(refusal([hour, week, shadow])?.limitID == "tenant:ai_tokens/week")
        #expect(refusal([week, hour])?.limitID == "tenant:ai_tokens/week")
        #expect(refusal([week, never, hour])?.limitID == "tenant:ai_tokens/day")
        #expect(refusal([shadow]) == nil)
        #expect(refusal([]) == nil)
        let told = refusal([hour, week])
        #expect(told?.requested == 50 && told?.available == 2)
        #expect(told?.reason == .quotaExceeded)
        #expect(told?.retryAfterNanoseconds == 360_000_000_000_000)
    }

    @Test("a rate is refused as a rate")
    func rate() {
        let limit = Limit(meter: tokens, window: .second, quantity: 10)
        var bucket = TokenBucket(updatedAt: now)
        let rate = TokenBucket.Rate(quantity: 10, windowNanoseconds: 1_000_000_000, burst: 10)
        #expect(bucket.take(8, rate) == true)
        let told = refusal([(demand(limit, 5), .bucket(bucket))])
        #expect(told?.reason == .rateExceeded && told?.available == 2)
        #expect(told?.retryAfterNanoseconds == 300_000_000)
        let unlimited = demand(Limit(meter: tokens, window: .second, quantity: nil), 5)
        #expect(refusal([(unlimited, .bucket(bucket))]) == nil)
    }

    @Test("the upgrade is the smallest plan that would do")
    func upgrade() {
        let rows: [(plan: Int, amount: Int64, available: Int64, upgrade: String?)] = [
            (0, 1_200, 1_000, "starter"), (0, 900_001, 0, "professional"),
            (0, 900_000, 0, "starter"), (0, 9_900_001, 0, "enterprise"),
            (1, 1, 0, "professional"), (2, 1, 0, "enterprise"),
        ]
        for row in rows {
            let quantity = Plan.builtIn[row.plan].limits[1].quantity ?? 0
            let told = refusal([
                (demand(month(quantity), row.amount), account(quantity, available: row.available))
            ])
            #expect(told?.upgrade?.plan.text == row.upgrade, "\(row)")
        }
        let starter = refusal([(demand(month(100_000), 2_000), account(100_000, available: 1_000))])
        #expect(starter?.upgrade?.limit == 1_000_000)
        let enterprise = refusal(
            [(demand(month(10_000_000), 1), account(10_000_000, available: 0))])
        #expect(enterprise?.upgrade != nil && enterprise?.upgrade?.limit == nil)
    }

    @Test("only limits of a plan are mended by another plan")
    func noUpgrade() {
        for source in [LimitStatus.Source.key, .override, .grant, .adaptive] {
            let pair = (demand(month(10), 1, source: source), account(10, available: 0))
            #expect(refusal([pair])?.upgrade == nil)
        }
        let pair = (demand(month(10_000_000), 1), account(10_000_000, available: 0))
        #expect(refusal([pair], plans: Array(Plan.builtIn.prefix(3)))?.upgrade == nil)
    }

    @Test("a plan without the limit has no such bound")
    func planWithoutLimit() {
        let pair = (demand(month(10), 1), account(10, available: 0))
        let told = refusal([pair], plans: [plan("free", [month(10)]), plan("open", [])])
        #expect(told?.upgrade?.plan.text == "open")
        #expect(told?.upgrade != nil && told?.upgrade?.limit == nil)
    }

    @Test("an upgrade lets the whole request through, not only the limit that is named")
    func wholeRequest() {
        func plan(_ id: String, _ tokens: Int64, _ calls: Int64, _ weight: Int64) -> Plan {
            self.plan(
                id,
                [month(tokens), Limit(meter: self.calls, window: .month, quantity: calls)],
                weight: weight)
        }
        let plans = [
            plan("free", 10, 10, 1), plan("tokens", 20, 10, 2), plan("calls", 10, 20, 3),
            plan("both", 30, 30, 4),
        ]
        let callLimit = Limit(meter: calls, window: .month, quantity: 10)
        let pairs = [
            (demand(month(10), 1), account(10, available: 0)),
            (demand(callLimit, 1), account(10, available: 0)),
        ]
        #expect(refusal(pairs, plans: plans)?.upgrade?.plan.text == "both")
        #expect(refusal(pairs.reversed(), plans: plans)?.upgrade?.plan.text == "both")
    }
}
