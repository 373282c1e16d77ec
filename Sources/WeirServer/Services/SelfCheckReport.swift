import Logging
import PrometheusExposition
import QuotaLedger
import QuotaModel
import Synchronization

/// Tells what runs of the self-check found: each difference once in the log, and two metrics.
final class SelfCheckReport: Sendable {
    private struct Finding: Hashable {
        let check: String
        let difference: LedgerDifference
    }

    private let registry: MetricRegistry
    private let logger: Logger
    /// What the last run found, which is not logged again; bounded, since results are.
    private let known = Mutex<Set<Finding>>([])

    /// A report on no run yet; there are no metrics before the first.
    init(registry: MetricRegistry, logger: Logger) {
        self.registry = registry
        self.logger = logger
    }

    /// Takes a finished run.
    func take(_ verification: LedgerVerification, at now: Timestamp) {
        let findings = verification.checks.flatMap { check in
            check.listed.map { Finding(check: check.name.rawValue, difference: $0) }
        }
        let new = known.withLock { known in
            let new = findings.filter { !known.contains($0) }
            known = Set(findings)
            return new
        }
        for finding in new {
            logger.error(
                "the ledger differs from its own log; weir verify shows all of it",
                metadata: [
                    "check": "\(finding.check)", "at": "\(finding.difference.place)",
                    "found": "\(finding.difference.found)",
                    "expected": "\(finding.difference.expected)",
                ])
        }
        let differences = verification.checks.reduce(0) { $0 + $1.differences }
        registry.gauge(
            "weir_ledger_drift",
            help: "Differences between the ledger and its own log, as of the last run."
        )
        .set(differences)
        registry.gauge(
            "weir_ledger_verified_seconds",
            help: "When the last verification of the ledger was finished, in Unix time."
        )
        .set(now.nanoseconds / 1_000_000_000)
    }

    /// Takes a run that could not go on.
    func fail(_ error: LedgerError) {
        logger.warning(
            "the ledger could not be verified and will be tried again",
            metadata: ["error": "\(error.message)"])
    }
}
