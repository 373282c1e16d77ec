import Gateway
import QuotaModel
import QuotaTesting
import Testing

@Suite("a budget for retries")
struct RetryBudgetTests {
    private func withdrawals(_ budget: inout RetryBudget, _ now: Timestamp) -> Int {
        var count = 0
        while count < 100_000, budget.withdraw(now: now) { count += 1 }
        return count
    }

    @Test("without requests it is three a second over ten seconds")
    func quiet() {
        var budget = RetryBudget()
        let start = Timestamp(seconds: 50)
        #expect(withdrawals(&budget, start) == 30)
        #expect(withdrawals(&budget, start.adding(nanoseconds: 8_999_999_999)) == 0)
        #expect(withdrawals(&budget, start.adding(nanoseconds: 10_000_000_000)) == 30)
    }

    @Test("a fifth of the requests more, for ten seconds")
    func share() {
        var budget = RetryBudget()
        let start = Timestamp(seconds: 50)
        for _ in 0..<1_004 { budget.deposit(now: start) }
        #expect(withdrawals(&budget, start) == 230)
        budget.deposit(now: start)
        #expect(withdrawals(&budget, start) == 1, "1,005 requests are 201 retries")
        #expect(withdrawals(&budget, start.adding(nanoseconds: 10_000_000_000)) == 30)
    }

    @Test("in any ten seconds there are no more retries than it says", arguments: 1...10)
    func bound(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var budget = RetryBudget(percent: 10, perSecond: 1)
        var now = Timestamp(seconds: 0)
        var requests: [Timestamp] = []
        var retries: [Timestamp] = []
        for _ in 0..<3_000 {
            now = now.adding(nanoseconds: Int64.random(in: 0...60_000_000, using: &random))
            if Bool.random(using: &random) {
                budget.deposit(now: now)
                requests.append(now)
            } else if budget.withdraw(now: now) {
                retries.append(now)
            }
        }
        for retry in retries {
            // Whole seconds: that of the retry, and the nine before it.
            let first = Timestamp(seconds: retry.seconds - 9)
            let within = { (instants: [Timestamp]) in
                instants.count { $0 >= first && $0 <= retry }
            }
            #expect(within(retries) * 10 <= within(requests) + 100, "\(random)")
        }
        #expect(retries.count > 50, "\(random)")
    }

    @Test("no number traps; a clock that steps back gives nothing twice")
    func extremes() {
        for percent in [Int64.min, 0, .max] {
            var budget = RetryBudget(percent: percent, perSecond: percent)
            for nanoseconds in [Int64.max, .min, 0] {
                budget.deposit(now: Timestamp(nanoseconds: nanoseconds))
                _ = budget.withdraw(now: Timestamp(nanoseconds: nanoseconds))
            }
        }
        var budget = RetryBudget()
        #expect(withdrawals(&budget, Timestamp(seconds: 50)) == 30)
        #expect(withdrawals(&budget, Timestamp(seconds: 10)) == 0)
        #expect(withdrawals(&budget, Timestamp(seconds: 50)) == 0)
        var none = RetryBudget(percent: 0, perSecond: 0)
        #expect(withdrawals(&none, Timestamp(seconds: 50)) == 0)
    }
}
