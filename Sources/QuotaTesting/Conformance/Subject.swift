import QuotaCalendar
import QuotaEngine
import QuotaModel

/// A tenant with its limits, as a node would have compiled them.
struct Subject: Sendable {
    static let tokens = Meter.aiTokens.id
    static let calls = Meter.apiCalls.id

    let tenant: TenantID
    var key: APIKeyID = .service
    var model: ModelName?
    var metadata: String?
    var limits: [CompiledLimit]
    var calendar = TenantCalendar(zone: .utc)

    init(_ tenant: String, _ limits: Limit..., revision: Int64 = 1) {
        self.init(tenant: TenantID(trusted: tenant), limits: limits, revision: revision)
    }

    init(tenant: TenantID, limits: [Limit], revision: Int64 = 1) {
        self.tenant = tenant
        self.limits = limits.map {
            CompiledLimit($0, key: nil, source: .plan, revision: revision)
        }
    }

    /// What a request for these amounts wants of each limit.
    func demands(_ amounts: [MeterID: Int64]) -> [Demand] {
        limits.compactMap { limit in
            amounts[limit.limit.meter].map { Demand(limit: limit, amount: $0) }
        }
    }

    /// Looks at every limit and wants nothing.
    var looks: [Demand] { limits.map { Demand(limit: $0, amount: 0) } }
}

extension Limit {
    /// A limit on tokens.
    static func tokens(
        _ quantity: Int64?,
        per window: Window,
        scope: LimitScope = .tenant,
        burst: Int64? = nil,
        mode: Mode = .enforce
    ) -> Limit {
        Limit(
            meter: Subject.tokens, scope: scope, window: window, quantity: quantity, burst: burst,
            mode: mode)
    }

    /// A limit on calls.
    static func calls(_ quantity: Int64?, per window: Window, burst: Int64? = nil) -> Limit {
        Limit(meter: Subject.calls, window: window, quantity: quantity, burst: burst)
    }
}
