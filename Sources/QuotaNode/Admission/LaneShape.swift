package import QuotaEngine
package import QuotaModel

/// A form of requests of one tenant, and of one of its keys where it has one.
package struct LaneShape: Sendable {
    package let form: LaneForm
    package let tenant: TenantID
    /// The key that asks; nil when use is not bound to one.
    package let key: APIKeyID?
    /// The revision of each limit.
    let revisions: [Int64]

    /// Describes a form of requests with limits as they are compiled; nil when requests like that
    /// are not decided on lanes.
    ///
    /// - Parameters:
    ///   - tenant: whose requests.
    ///   - key: the key that asks; nil when use is not bound to one.
    ///   - model: the model.
    ///   - meters: what is charged.
    ///   - limits: what has to be passed.
    ///   - plan: where the limits come from.
    ///   - warnings: what callers should know of every decision.
    package init?(
        tenant: TenantID,
        key: APIKeyID?,
        model: ModelName?,
        meters: [LaneForm.Meter],
        limits: [CompiledLimit],
        plan: PlanID = .fallback,
        warnings: [String] = []
    ) {
        guard
            let form = LaneForm(
                model: model, meters: meters, limits: limits, plan: plan, warnings: warnings)
        else { return nil }
        self.form = form
        self.tenant = tenant
        self.key = key
        revisions = limits.map(\.revision)
    }
}
