public import QuotaModel

/// What a plan would have refused one tenant.
public struct WhatIfRefusals: Hashable, Sendable {
    /// What one limit would have refused.
    public struct OfLimit: Hashable, Sendable {
        /// How many requests; of use that is recorded by the hour an estimate.
        public var requests: Int64 = 0
        /// How many units.
        public var units: Int64 = 0
        /// The first refusal; nil when there was none.
        public var first: Timestamp?
        /// The last refusal.
        public var last: Timestamp?
        /// The first refusals, as many as the plan keeps.
        public var instants: [Timestamp] = []

        /// Nothing refused.
        public init() {}

        mutating func add(_ requests: Int64, units: Int64, at instant: Timestamp, keeps: Int) {
            self.requests = self.requests.addingClamped(requests)
            self.units = self.units.addingClamped(units)
            if first == nil { first = instant }
            last = instant
            if instants.count < keeps, instants.last != instant { instants.append(instant) }
        }
    }

    /// Whose use it was.
    public let tenant: TenantID
    /// What each limit of the plan would have refused, in the plan's order.
    public internal(set) var limits: [OfLimit]
    /// Requests that an enforced limit would have refused, each counted once; of use that is
    /// recorded by the hour an estimate.
    public internal(set) var requests: Int64 = 0
    /// Rows of recorded use that were read.
    public internal(set) var rows: Int64 = 0
    /// Corrections and imports among them, which are counted and never refused.
    public internal(set) var corrections: Int64 = 0

    /// Whether an enforced limit would have refused anything.
    public var isRefused: Bool { requests > 0 }

    init(tenant: TenantID, limits: Int) {
        self.tenant = tenant
        self.limits = Array(repeating: OfLimit(), count: limits)
    }
}

extension Int64 {
    /// A sum that stops at the ends of the range.
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// A difference that stops at the ends of the range.
    func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
