/// The sums of a meter over the dates of a run, as the daily figures of the server give them.
///
/// A second witness beside ``UsageAnswer``, from another table. Where a budget is spent the
/// daily figures say so in place of the number, and that tenant has no sum here.
struct DailyUsage: Sendable {
    private var sums: [String: Int64] = [:]
    private var withoutSum: Set<String> = []

    /// Adds one page of one date; tenants of others are passed over.
    mutating func add(_ page: DailyUsageAnswer, of tenants: Set<String>) {
        for (tenant, value) in page.tenants where tenants.contains(tenant) {
            switch value {
            case .units(let units): sums[tenant, default: 0] += units
            case .exceeded: withoutSum.insert(tenant)
            }
        }
    }

    /// The tenant's sum, 0 when it was never listed, nil when a date had no number for it.
    func sum(_ tenant: String) -> Int64? {
        withoutSum.contains(tenant) ? nil : sums[tenant, default: 0]
    }
}
