import Foundation
import LedgerSQLite
import Logging
import PrometheusExposition
import QuotaModel
import ServiceLifecycle
import Synchronization

/// Verifies the ledger again and again beside the server, in slices with pauses between them.
struct SelfCheckService: Service {
    /// Between two slices: so at most some ten thousand rows a second are read.
    static let pause = Duration.milliseconds(50)

    /// Slices take milliseconds of disk and processor, for which no thread of the server waits.
    private static let queue = DispatchQueue(label: "weir.verify", qos: .background)

    let report: SelfCheckReport
    /// How long after the end of a run the next begins.
    let interval: Duration
    let folder: String
    let clock: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async -> Void

    /// The check between two slices: in one place, so that its sums are never copied.
    private final class Place: Sendable {
        let check: Mutex<LedgerSelfCheck>

        init(folder: String) {
            check = Mutex(LedgerSelfCheck(folder: folder))
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let place = Place(folder: folder)
            while !Task.isCancelled {
                await sleep(await slice(at: place) ? interval : Self.pause)
            }
        }
    }

    /// Does a slice; answers whether the next can wait for the interval.
    private func slice(at place: Place) async -> Bool {
        await withCheckedContinuation { continuation in
            Self.queue.async {
                continuation.resume(returning: place.check.withLock { step(&$0) })
            }
        }
    }

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
