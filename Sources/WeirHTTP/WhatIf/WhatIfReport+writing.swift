import QuotaEngine
import QuotaModel
import StrictJSON

extension WhatIfReport {
    /// Writes what the API shows.
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("plan", plan.plan.id.text)
        writer.member("since", since.truncatedToMilliseconds)
        writer.member("until", until.truncatedToMilliseconds)
        writer.member("tenants", Int64(tenants))
        writer.member("refused_tenants", Int64(refusedTenants))
        writer.member("refused_requests", refusedRequests)
        writer.member("rows_read", rowsRead)
        writer.array("limits") { writer in
            for (index, sum) in limits.enumerated() {
                writer.object { writer in
                    write(plan.plan.limits[index], to: &writer)
                    write(plan.resolutions[index], to: &writer)
                    writer.member("tenants", Int64(sum.tenants))
                    writer.member("requests", sum.requests)
                    writer.member("units", sum.units)
                }
            }
        }
        writer.array("refusals") { writer in
            for row in rows {
                writer.object { writer in
                    writer.member("tenant", row.tenant.text)
                    write(plan.plan.limits[row.limit], to: &writer)
                    writer.member("requests", row.refused.requests)
                    writer.member("units", row.refused.units)
                    writer.member("first_at", row.refused.first?.truncatedToMilliseconds)
                    writer.member("last_at", row.refused.last?.truncatedToMilliseconds)
                    writer.array("at") { writer in
                        for instant in row.refused.instants {
                            writer.value(instant.truncatedToMilliseconds)
                        }
                    }
                }
            }
        }
        writer.member("truncated", isTruncated)
        writer.array("notes") { writer in
            for note in notes { writer.value(note) }
        }
    }

    private func write(_ limit: Limit, to writer: inout JSONWriter) {
        writer.member("limit", limit.name)
        writer.member("mode", limit.mode.rawValue)
    }

    private func write(_ resolution: WhatIfPlan.Resolution, to writer: inout JSONWriter) {
        switch resolution {
        case .request: writer.member("judged_by", "request")
        case .hour: writer.member("judged_by", "hour")
        case .none: writer.null("judged_by")
        }
    }
}
