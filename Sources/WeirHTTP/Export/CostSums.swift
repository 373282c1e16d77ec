import QuotaLedger
import QuotaModel
import QuotaNode

/// What tenants, keys or models cost, page by page: the sums of the meters of money.
struct CostSums: Sendable {
    /// What money is summed by, besides the tenant and the currency.
    enum Grouping: String, CaseIterable, Sendable {
        case tenant
        case key
        case model
    }

    /// Where the list goes on.
    struct Place: Hashable, Sendable {
        /// The last tenant.
        let tenant: TenantID
        /// The last of its meters and groups; nil when the tenant is through.
        let row: UsageSumPage.Place?
    }

    /// A sum.
    struct Row: Hashable, Sendable {
        let tenant: TenantID
        /// The key or model; empty for use without a model, and where tenants are asked for.
        let group: String
        let meter: MeterID
        let sum: UsageSum
    }

    /// How many tenants are looked through for one page, whether or not they have a cost.
    static let maximumTenants = 1_000

    let node: QuotaNode
    /// Only of this tenant; nil for all.
    let tenant: TenantID?
    let first: CivilDate
    let last: CivilDate
    let grouping: Grouping

    /// The next rows, in the order of tenant, meter and group.
    ///
    /// - Parameters:
    ///   - place: where the list goes on; nil for its beginning.
    ///   - limit: the most rows.
    /// - Returns: the rows, and where the list goes on; nil at its end. There may be fewer rows
    ///   than asked for, or none, and more behind them.
    /// - Throws: what the node throws.
    func page(
        after place: Place?,
        limit: Int
    ) async throws(NodeError) -> (rows: [Row], next: Place?) {
        let meters = node.meters.keys.filter { Money.currency(of: $0) != nil }.sorted()
        let (tenants, end) = try await tenants(after: place)
        var rows: [Row] = []
        for (id, row) in tenants {
            for meter in meters where row.map({ meter >= $0.meter }) ?? true {
                let after = row?.meter == meter ? row : nil
                let found = try await node.bookedSums(
                    UsageSumPage(
                        tenant: id, first: first, last: last, grouping: grouping.ofSums,
                        meter: meter, after: after, limit: limit - rows.count + 1))
                for sum in found {
                    guard rows.count < limit else { return (rows, rows.last?.place) }
                    rows.append(Row(tenant: id, group: sum.group, meter: meter, sum: sum.sum))
                }
            }
        }
        return (rows, end)
    }

    /// The tenants of a page, the first perhaps from some place on; and where the list goes on
    /// behind them.
    private func tenants(
        after place: Place?
    ) async throws(NodeError) -> (list: [(TenantID, UsageSumPage.Place?)], next: Place?) {
        if let tenant { return ([(tenant, place?.row)], nil) }
        let others = try await node.tenants(after: place?.tenant, limit: Self.maximumTenants)
            .map { ($0.id, UsageSumPage.Place?.none) }
        var next: Place?
        if others.count == Self.maximumTenants, let last = others.last {
            next = Place(tenant: last.0, row: nil)
        }
        guard let place, let row = place.row else { return (others, next) }
        return ([(place.tenant, row)] + others, next)
    }
}

extension CostSums.Row {
    /// Where the list goes on behind it.
    var place: CostSums.Place {
        CostSums.Place(tenant: tenant, row: UsageSumPage.Place(group: group, meter: meter))
    }
}

extension CostSums.Grouping {
    /// The same for the sums of one tenant.
    fileprivate var ofSums: UsageSumPage.Grouping {
        switch self {
        case .tenant: .meter
        case .key: .key
        case .model: .model
        }
    }
}
