import PrometheusExposition
import QuotaLedger
import QuotaModel
import Testing

@testable import WeirServer

@Suite("what a self-check tells")
struct SelfCheckReportTests {
    /// The places of the lines that were logged.
    private let lines = LineRecorder(of: "at")
    private let registry = MetricRegistry()
    private let report: SelfCheckReport

    init() {
        report = SelfCheckReport(registry: registry, logger: lines.logger)
    }

    private var logged: [String] { lines.lines }

    private var metrics: [Substring] {
        String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n")
    }

    /// A run over a ledger of which some days differ: their totals have one tenant more.
    private func run(differing days: Int) -> LedgerVerification {
        var check = UsageCheck(rules: [:])
        for day in 0..<Int64(days) {
            check.take(total: (CivilDate(daysSinceEpoch: day), Meter.apiCalls.id), tenants: 1)
        }
        check.finish()
        return LedgerVerification(checks: [check.totals, check.events], head: nil)
    }

    @Test("there are no metrics before the first run, and then both")
    func present() {
        #expect(metrics.isEmpty)
        report.take(run(differing: 0), at: Timestamp(seconds: 1_795_255_200))
        #expect(metrics.contains("weir_ledger_drift 0"))
        #expect(metrics.contains { $0.hasPrefix("weir_ledger_verified_seconds 1795255200") })
        #expect(logged.isEmpty)
    }

    @Test("each difference is logged once, and counted as long as it is there")
    func once() {
        for days in [1, 1, 2, 2] {
            report.take(run(differing: days), at: Timestamp(seconds: 1))
            #expect(metrics.contains("weir_ledger_drift \(days)"))
        }
        #expect(
            logged == [
                "daily_meter_totals: 1970-01-01 api_calls",
                "daily_meter_totals: 1970-01-02 api_calls",
            ])
        report.take(run(differing: 0), at: Timestamp(seconds: 2))
        #expect(metrics.contains("weir_ledger_drift 0"))
        report.take(run(differing: 1), at: Timestamp(seconds: 3))
        #expect(logged.count == 3)
    }

    @Test("a run that can't go on is a warning, and the metrics stay")
    func failure() {
        report.take(run(differing: 1), at: Timestamp(seconds: 1))
        report.fail(LedgerError(.unusableFolder, "gone"))
        #expect(metrics.contains("weir_ledger_drift 1"))
        #expect(logged.count == 2)
    }
}
