import QuotaCalendar
import QuotaModel

/// The period of an instant: computed, and kept until it no longer contains the instant, as a lease
/// keeps it.
struct CalendarBenchmark: Benchmark {
    private static let round = 100_000

    let name = "calendar"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let calendar = TenantCalendar(zone: try ZoneRules("Africa/Lagos"))
        let start = BenchClock.now()
        let computed = measure(options.seconds / 2) { step in
            calendar.period(
                of: .month, containing: start.adding(nanoseconds: Int64(step) * 1_000_000))
        }
        var kept: Period?
        let looked = measure(options.seconds / 2) { step in
            let instant = start.adding(nanoseconds: Int64(step) * 1_000_000)
            if let kept, kept.contains(instant) { return kept }
            kept = calendar.period(of: .month, containing: instant)
            return kept
        }
        try report.add(
            BenchResult(
                bench: "calendar/lookup", value: looked, unit: "ns",
                baseline: .init(name: "computed each time", value: computed),
                target: .valueAtMost(50)))
    }

    /// Nanoseconds of one call; the periods are summed up, so that no call is left out.
    private func measure(_ seconds: Double, _ body: (Int) -> Period?) -> Double {
        var (count, sum) = (0, Int64(0))
        let start = BenchClock.threadNanoseconds()
        while Double(BenchClock.threadNanoseconds() - start) < seconds * 1e9 {
            for step in 0..<Self.round { sum &+= body(step)?.start.nanoseconds ?? 0 }
            count += Self.round
        }
        precondition(sum != 0)
        return Double(BenchClock.threadNanoseconds() - start) / Double(count)
    }
}
