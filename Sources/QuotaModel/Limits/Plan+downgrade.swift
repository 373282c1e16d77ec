extension Plan {
    /// Whether a budget of a tenant on this plan, or of its keys or a model, is smaller than on
    /// another one.
    ///
    /// A limit that a plan does not have does not bound.
    public func isDowngrade(from other: Plan) -> Bool {
        limits.contains { limit in
            guard limit.window.kind == .budget, let quantity = limit.quantity else { return false }
            let before = other.limits.first { $0.name == limit.name }?.quantity
            return before.map { quantity < $0 } ?? true
        }
    }
}
