public import QuotaModel

extension WhatIfReport {
    /// What the answer can't know, and how it was come by, for people.
    public var notes: [String] {
        var notes = [
            "The plan is taken to hold from the start of the longest period that contains the "
                + "beginning, or of those from which it carries units, 12 at most; quantities "
                + "are the plan's alone, without overrides, limits of single keys and top-ups.",
            "Recorded use is what was admitted: what was refused at the time left no trace. A "
                + "reservation counts when it was made, with what it was settled at.",
        ]
        for (limit, resolution) in zip(plan.plan.limits, plan.resolutions) {
            switch resolution {
            case .request: continue
            case .hour:
                notes.append(
                    "\(limit.name): \(limit.meter.text) is recorded by the hour, so an hour counts "
                        + "at its start, what does not fit of it is refused, and the number of "
                        + "requests is an estimate.")
            case .none(let reason): notes.append("\(limit.name): not judged, since \(reason).")
            }
        }
        notes += changes
        if tellsApart {
            notes.append(
                "Charges of one request are judged together where their meters are recorded by "
                    + "event; those recorded by the hour are judged apart from them.")
        }
        if organizationTenants > 0 {
            notes.append(
                "\(organizationTenants) of the tenants belong to organizations, whose shared "
                    + "limits are not judged.")
        }
        if corrections > 0 {
            notes.append(
                "\(corrections) corrections and imports were counted against budgets; nothing "
                    + "refuses them.")
        }
        return notes
    }

    /// Meters that were recorded otherwise once.
    private var changes: [String] {
        let limited = Set(plan.plan.limits.map(\.meter))
        return plan.recordedMeters.compactMap { recorded in
            guard limited.contains(recorded.meter.id), recorded.meter.recording == .event,
                let changedAt = recorded.changedAt
            else { return nil }
            return "\(recorded.meter.id.text) was changed at \(changedAt): its use before that is "
                + "judged by the hour, and not by rates."
        }
    }

    /// Whether the plan limits meters that are recorded in different ways.
    private var tellsApart: Bool {
        plan.resolutions.contains(.hour) && plan.resolutions.contains(.request)
    }
}
