import LedgerSQLite
import Logging
import PrometheusExposition
import QuotaModel
import ServiceLifecycle

/// Verifies the ledger again and again beside the server, in slices with pauses between them.
struct SelfCheckService: Service {
    /// Between two slices: so at most some ten thousand rows a second are read.
    static let pause = Duration.milliseconds(50)

    let report: SelfCheckReport
    /// How long after the end of a run the next begins.
    let interval: Duration
    let folder: String
    let clock: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var check = LedgerSelfCheck(folder: folder)
            while !Task.isCancelled {
                await sleep(step(&check) ? interval : Self.pause)
            }
        }
    }

    /// Does a slice; answers whether the next can wait for the interval.
    private func step(_ check: inout LedgerSelfCheck) -> Bool {
        do {
            guard let verification = try check.slice() else { return false }
            report.take(verification, at: clock())
        } catch {
            report.fail(error)
        }
        return true
    }
}
