package import QuotaEngine
package import QuotaLedger
package import QuotaModel
import Synchronization

/// What all requests of one form have in common: whose they are, of which meters and model, and
/// which limits they have to pass; compiled once for each revision of what limits the tenant.
package final class LaneShape: Sendable {
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

    package let tenant: TenantID
    /// The key that asks; nil when use is not bound to one.
    package let key: APIKeyID?
    package let model: ModelName?
    /// One or two.
    package let meters: [Meter]
    /// What the request has to pass, in the order in which callers see it.
    package let limits: [CompiledLimit]
    let accounts: [AccountKey]
    /// Of each limit, which of the meters it counts.
    let meterOfLimit: [Int]
    /// What it was compiled from.
    let entry: TenantEntry?
    /// What a front door keeps for all its decisions.
    let kept = Mutex<(any AnyObject & Sendable)?>(nil)

    /// Compiles a form.
    ///
    /// - Returns: nil when requests of this form are not decided on lanes: they have more limits or
    ///   meters, one in shadow mode, or a rate that several tenants share.
    package convenience init?(
        tenant: TenantID,
        key: APIKeyID?,
        model: ModelName?,
        meters: [Meter],
        limits: [CompiledLimit]
    ) {
        self.init(
            tenant: tenant, key: key, model: model, meters: meters, limits: limits, entry: nil)
    }

    init?(
        tenant: TenantID,
        key: APIKeyID?,
        model: ModelName?,
        meters: [Meter],
        limits: [CompiledLimit],
        entry: TenantEntry?
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
        self.tenant = tenant
        self.key = key
        self.model = model
        self.meters = meters
        self.limits = limits
        self.entry = entry
        accounts = limits.map { $0.accountKey(of: tenant) }
        meterOfLimit = places
    }

    /// Whether it says the same as another.
    func isLike(_ other: LaneShape) -> Bool { entry === other.entry && limits == other.limits }

    /// What records of a meter's use refer to.
    func name(of meter: Int, leases: [JournalName.Lease]) -> JournalName {
        JournalName(
            tenant: tenant, key: key ?? .service, model: model, meter: meters[meter].id,
            recording: meters[meter].recording, leases: leases)
    }
}

/// Units of one or two meters that a tenant asks for.
package struct LaneRequest: Sendable {
    package let tenant: TenantID
    /// Empty where there is none, here and below: an id never is.
    let key: ExactString
    let model: ExactString
    let first: MeterID
    let second: ExactString
    package let amounts: LaneAmounts

    /// Describes a request.
    package init(
        tenant: TenantID,
        key: APIKeyID? = nil,
        model: ModelName? = nil,
        first: Charge,
        second: Charge? = nil
    ) {
        self.tenant = tenant
        self.key = key?.exact ?? ExactString("")
        self.model = model?.exact ?? ExactString("")
        self.first = first.meter
        self.second = second?.meter.exact ?? ExactString("")
        amounts = LaneAmounts(first: first.amount, second: second?.amount ?? 0)
    }
}

/// The units of a request, by meter.
package struct LaneAmounts: Hashable, Sendable {
    package var first: Int64
    package var second: Int64 = 0

    package init(first: Int64, second: Int64 = 0) {
        self.first = first
        self.second = second
    }
}
