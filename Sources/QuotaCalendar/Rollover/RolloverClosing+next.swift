extension RolloverClosing {
    /// The plan of the period that opens.
    public struct Next: Hashable, Sendable {
        /// The units it gives.
        public let allowance: Int64
        /// Its policy, if the plan changed at the boundary.
        public let change: Change

        /// Whether the plan changed at the boundary.
        public enum Change: Hashable, Sendable {
            /// It is the plan of the period before.
            case none
            /// It is another plan, with this policy.
            case newPlan(RolloverPolicy?)
        }

        /// Creates the description of the period that opens; `allowance` below 0 counts as 0.
        public init(allowance: Int64, change: Change = .none) {
            self.allowance = max(0, allowance)
            self.change = change
        }
    }
}
