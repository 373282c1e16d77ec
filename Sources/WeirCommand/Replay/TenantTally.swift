import QuotaModel

/// What a replay knows of one tenant from the server's answers alone.
struct TenantTally: Equatable, Sendable {
    /// Which limit refused, and why.
    struct Refusal: Hashable, Sendable {
        var limit: String
        var reason: String
    }

    let tenant: String
    var rows = 0
    var admitted = 0
    var refusals: [Refusal: Int] = [:]
    var rejected = 0
    var unknown = 0
    var reservedTokens: Int64 = 0
    var settledTokens: Int64 = 0
    /// Settled tokens beyond what was reserved.
    var overageTokens: Int64 = 0
    /// The earliest row, in the trace's time, that was refused.
    var firstRefusedAt: Timestamp?

    init(tenant: String) {
        self.tenant = tenant
    }

    var refused: Int { refusals.values.reduce(0, +) }

    /// What the ledger must show for a meter.
    func settled(_ meter: String) -> Int64 {
        meter == Meters.calls ? Int64(admitted) : settledTokens
    }
}
