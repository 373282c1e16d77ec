public import QuotaEngine
import QuotaLedger
import QuotaModel

extension QuotaNode {
    /// Says what a plan would have refused, by the use that is recorded.
    ///
    /// - Parameter question: the plan, whose use, and when.
    /// - Returns: what was found.
    /// - Throws: `invalid` for what can't be meant, `conflict` while another one is under way.
    public func whatIf(_ question: WhatIfQuestion) async throws(NodeError) -> WhatIfReport {
        var run = try await beginWhatIf(question)
        while try await run.next() {}
        return run.report
    }

    /// Begins to find out what a plan would have refused.
    ///
    /// - Parameter question: the plan, whose use, and when.
    /// - Returns: what goes on as long as it is asked.
    /// - Throws: `invalid` for what can't be meant, `conflict` while another one is under way.
    public func beginWhatIf(_ question: WhatIfQuestion) async throws(NodeError) -> WhatIfRun {
        try checkLimits(question.plan.limits)
        let now = now
        let until = min(question.until ?? now, now)
        guard question.since < until else {
            let bound = question.until.map { $0 < now } == true ? "\"until\"" : "now"
            throw .invalid(field: "since", "must be before \(bound)")
        }
        let tenant = try await tenant(of: question)
        guard let place = whatIfSlot.take() else {
            throw .conflict("another what-if is under way; ask again when it is done")
        }
        // What was decided has to be in the ledger.
        try await fold()
        let plan = WhatIfPlan(question.plan, meters: try await recordedMeters(of: question.plan))
        let report = WhatIfReport(
            plan, since: question.since, until: until, maximumRows: question.maximumRows)
        return WhatIfRun(question, of: tenant, report, place, on: self)
    }

    /// The one tenant that is asked about; nil for those of a plan.
    private func tenant(of question: WhatIfQuestion) async throws(NodeError) -> Tenant? {
        switch question.tenants {
        case .one(let id):
            do {
                return try await tenant(id)
            } catch .tenantNotFound {
                throw .invalid(field: "tenant", "\"\(id.text)\" does not exist")
            }
        case .onPlan(let id):
            if plan(id) != nil { return nil }
            let names = plans.map(\.id).sorted().map(\.text).joined(separator: ", ")
            throw .invalid(
                field: "tenants_of",
                id.canonical == question.plan.id.canonical
                    ? "is needed: plan \"\(id.text)\" does not exist yet, so no tenant is on it; "
                        + "name the plan whose tenants are judged (\(names)), or one \"tenant\""
                    : "\"\(id.text)\" does not exist; plans are: \(names)")
        }
    }

    /// The meters of a plan; a change of their recording is in the audit list.
    private func recordedMeters(
        of plan: Plan
    ) async throws(NodeError) -> [WhatIfPlan.RecordedMeter] {
        var found: [WhatIfPlan.RecordedMeter] = []
        for meter in Set(plan.limits.map(\.meter)).sorted().compactMap({ directory.meter($0) }) {
            let filter = AuditFilter(action: "meter.update", subject: meter.id.text)
            let change = try await asking { () async throws(LedgerError) in
                try await ledger.audit(filter, before: nil, limit: 1).first
            }
            found.append(WhatIfPlan.RecordedMeter(meter, changedAt: change?.at))
        }
        return found
    }
}
