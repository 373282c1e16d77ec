package import QuotaModel

/// A rollover as stores keep it.
package struct StoredRollover: Codable {
    private var units: Int64?
    private var percent: Int?
    private var total: Int64?
    private let maxAge: Int?
    private let burnOrder: String
    private let onPlanChange: String
    private let overage: String

    /// The stored form of a rollover.
    package init(_ rollover: Rollover) {
        switch rollover.cap {
        case .units(let units)?: self.units = units
        case .percent(let percent)?: self.percent = percent
        case .total(let total)?: self.total = total
        case nil: break
        }
        maxAge = rollover.maxAgePeriods
        burnOrder = rollover.burnOrder.rawValue
        onPlanChange = rollover.onPlanChange.rawValue
        overage = rollover.overage.rawValue
    }

    /// The rollover; nil when a newer Weir wrote something that is not known here.
    package var rollover: Rollover? {
        guard let burnOrder = Rollover.BurnOrder(rawValue: burnOrder),
            let onPlanChange = Rollover.PlanChangeRule(rawValue: onPlanChange),
            let overage = Rollover.OverageRule(rawValue: overage)
        else { return nil }
        let cap: Rollover.Cap? =
            units.map { .units($0) } ?? percent.map { .percent($0) } ?? total.map { .total($0) }
        return try? Rollover(
            cap: cap, maxAgePeriods: maxAge, burnOrder: burnOrder, onPlanChange: onPlanChange,
            overage: overage)
    }
}
