import QuotaEngine
import QuotaLedger
public import QuotaModel

extension QuotaNode {
    /// What limits would have refused tenants that do not hold, since the start.
    public var shadowRefusals: ShadowRefusals { shadow.refusals }

    /// How many requests each limit that does not hold would have refused, since the start.
    public var shadowRefusalsByLimit: [ShadowRefusals.Limit: Int64] { shadow.limits }

    /// Counts what a request went past that would have refused it.
    func countShadow(_ outcome: AdmitOutcome, _ question: Question) {
        for violation in outcome.violations {
            guard !(violation.isEnforced && question.isEnforced),
                question.demands.indices.contains(violation.index)
            else { continue }
            shadow.count(
                question.demands[violation.index], tenant: question.subject.entry.tenant.id,
                plan: question.subject.entry.entitlements.plan, at: outcome.now)
        }
    }
}
