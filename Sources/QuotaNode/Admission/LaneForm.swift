package import QuotaEngine
package import QuotaLedger
package import QuotaModel
import Synchronization

/// What all requests of one form have in common: of which meters and model they are, and which
/// limits they have to pass.
///
/// Tenants of one plan share it: it says nothing that tells tenants and keys apart.
package final class LaneForm: Sendable {
    /// The most limits of a request that is decided on a lane.
    package static let maximumLimits = 4
    /// The most meters.
    package static let maximumMeters = 2

    /// A meter that is charged.
    package struct Meter: Hashable, Sendable {
        package let id: MeterID
        package let recording: QuotaModel.Meter.Recording

        package init(id: MeterID, recording: QuotaModel.Meter.Recording) {
            self.id = id
            self.recording = recording
        }
    }

    package let model: ModelName?
    /// One or two.
    package let meters: [Meter]
    /// What the request has to pass, in the order in which callers see it; ``CompiledLimit/shared``
    /// of each.
    package let limits: [CompiledLimit]
    /// The plan that the limits come from.
    let plan: PlanID
    /// What callers should know of every decision.
    let warnings: [String]
    /// Of each limit, which of the meters it counts.
    let meterOfLimit: [Int]
    /// Of each limit of a key, what the name of its account ends with; nil for the others.
    let keylessNames: [String?]
    /// What a front door keeps for all its decisions.
    let kept = Mutex<(any AnyObject & Sendable)?>(nil)

    /// Describes a form; nil when requests of this form are not decided on lanes: they have more
    /// limits or meters, one in shadow mode, or a rate that several tenants share.
    ///
    /// - Parameters:
    ///   - model: the model; nil for none.
    ///   - meters: what is charged.
    ///   - limits: what has to be passed.
    ///   - plan: where the limits come from.
    ///   - warnings: what callers should know of every decision.
    package init?(
        model: ModelName?,
        meters: [Meter],
        limits: [CompiledLimit],
        plan: PlanID = .fallback,
        warnings: [String] = []
    ) {
        guard 1...Self.maximumMeters ~= meters.count, 1...Self.maximumLimits ~= limits.count
        else { return nil }
        var places: [Int] = []
        for limit in limits {
            let isRate = limit.limit.window.kind == .rate
            guard limit.limit.mode == .enforce,
                !isRate || limit.rate != nil && limit.organization == nil,
                let place = meters.firstIndex(where: { $0.id == limit.limit.meter })
            else { return nil }
            places.append(place)
        }
        self.model = model
        self.meters = meters
        self.limits = limits.map(\.shared)
        self.plan = plan
        self.warnings = warnings
        meterOfLimit = places
        keylessNames = limits.map { limit in
            guard case .key = limit.limit.scope else { return nil }
            return CompiledLimit.keylessName(of: limit.limit)
        }
    }

    /// The account of a limit for a tenant and one of its keys.
    func account(_ index: Int, of tenant: TenantID, key: APIKeyID?) -> AccountKey {
        let limit = limits[index]
        return AccountKey(
            tenant: limit.organization.map(AccountKey.owner) ?? tenant,
            limit: keylessNames[index] == nil
                ? limit.accountName : CompiledLimit.accountName(of: limit.limit, key: key))
    }
}

extension LaneForm: Hashable {
    package static func == (left: LaneForm, right: LaneForm) -> Bool {
        left === right
            || left.model == right.model && left.meters == right.meters
                && left.limits == right.limits && left.plan == right.plan
                && left.warnings == right.warnings
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(model)
        hasher.combine(meters)
        hasher.combine(limits)
        hasher.combine(plan)
    }
}
