package import QuotaModel

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

    /// A request of a shape, for nothing.
    init(_ shape: LaneShape) {
        let meters = shape.form.meters
        self.init(
            tenant: shape.tenant, key: shape.key, model: shape.form.model,
            first: Charge(meter: meters[0].id, amount: 0),
            second: meters.dropFirst().first.map { Charge(meter: $0.id, amount: 0) })
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
