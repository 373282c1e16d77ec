import QuotaEngine
public import QuotaModel
import Synchronization

/// What limits would have refused that do not hold: those in shadow mode, and all while the node
/// enforces none.
public struct ShadowRefusals: Sendable {
    /// A limit that would have refused, whoever asked; bounded by what plans, overrides and
    /// organizations name.
    public struct Limit: Hashable, Sendable {
        /// The plan of who asked.
        public let plan: PlanID
        /// What is counted.
        public let meter: MeterID
        /// The limit's name.
        public let name: String
    }

    /// What one limit would have refused one tenant.
    public struct Row: Hashable, Sendable {
        /// The tenant.
        public let tenant: TenantID
        /// The limit's name.
        public let limit: String
        /// What is counted.
        public let meter: MeterID
        /// How many requests.
        public internal(set) var requests: Int64
        /// How many units these asked for.
        public internal(set) var units: Int64
        /// When it was first.
        public let first: Timestamp
        /// When it was last.
        public internal(set) var last: Timestamp
    }

    /// Since when is counted: the start of the node.
    public let since: Timestamp
    /// What each limit would have refused each tenant, by tenant and limit.
    public let rows: [Row]
    /// Whether rows were dropped that were old.
    public let isTruncated: Bool
}

/// Counts what limits would have refused that do not hold.
final class ShadowCounts: Sendable {
    /// The most rows by tenant and limit; beyond it, the half that is older is forgotten.
    static let maximumRows = 10_000
    /// The most limits by plan that are counted.
    static let maximumLimits = 1_000

    fileprivate struct Place: Hashable {
        let tenant: TenantID
        let limit: ExactString
    }

    fileprivate struct State {
        var rows: [Place: ShadowRefusals.Row] = [:]
        var limits: [ShadowRefusals.Limit: Int64] = [:]
        var isTruncated = false
    }

    private let since: Timestamp
    private let maximumRows: Int
    private let state = Mutex(State())

    init(since: Timestamp, maximumRows: Int = maximumRows) {
        self.since = since
        self.maximumRows = max(1, maximumRows)
    }

    var refusals: ShadowRefusals {
        let state = state.withLock { $0 }
        return ShadowRefusals(
            since: since,
            rows: state.rows.values.sorted {
                ($0.tenant, ExactString($0.limit)) < ($1.tenant, ExactString($1.limit))
            }, isTruncated: state.isTruncated)
    }

    /// How many requests each limit would have refused.
    var limits: [ShadowRefusals.Limit: Int64] { state.withLock { $0.limits } }

    /// Counts a refusal.
    func count(_ demand: Demand, tenant: TenantID, plan: PlanID, at now: Timestamp) {
        let meter = demand.limit.limit.meter
        let limit = ShadowRefusals.Limit(plan: plan, meter: meter, name: demand.limit.name)
        let place = Place(tenant: tenant, limit: ExactString(demand.limit.name))
        state.withLock { state in
            if state.limits[limit] != nil || state.limits.count < Self.maximumLimits {
                state.limits[limit, default: 0] += 1
            }
            if var row = state.rows[place] {
                row.requests += 1
                row.units =
                    row.units.addingReportingOverflow(demand.amount).overflow
                    ? .max : row.units + demand.amount
                row.last = max(row.last, now)
                state.rows[place] = row
                return
            }
            if state.rows.count >= maximumRows { state.forgetOlderHalf() }
            state.rows[place] = ShadowRefusals.Row(
                tenant: tenant, limit: demand.limit.name, meter: meter, requests: 1,
                units: demand.amount, first: now, last: now)
        }
    }
}

extension ShadowCounts.State {
    fileprivate mutating func forgetOlderHalf() {
        isTruncated = true
        let byAge = rows.sorted { $0.value.last > $1.value.last }
        rows = Dictionary(uniqueKeysWithValues: byAge.prefix(rows.count / 2).map { $0 })
    }
}
