import QuotaModel

/// One request of several.
public struct BatchItem: Sendable {
    /// The request as lanes take it; nil for one that they don't.
    let lane: LaneRequest?
    /// Anything else; nil where ``lane`` says it all.
    private let other: Other?
    /// Whether it only asks, and charges and creates nothing.
    public let isCheck: Bool

    /// What few items have; a class, so that the others don't carry it about.
    private final class Other: Sendable {
        let request: DecisionRequest
        let idempotency: IdempotencyRequest?

        init(_ request: DecisionRequest, _ idempotency: IdempotencyRequest?) {
            self.request = request
            self.idempotency = idempotency
        }
    }

    /// Creates an item.
    public init(
        request: DecisionRequest,
        idempotency: IdempotencyRequest? = nil,
        isCheck: Bool = false
    ) {
        lane = idempotency == nil ? LaneRequest(request) : nil
        other = lane == nil ? Other(request, idempotency) : nil
        self.isCheck = isCheck
    }

    /// Creates an item that lanes take.
    package init(_ lane: LaneRequest, isCheck: Bool) {
        self.lane = lane
        other = nil
        self.isCheck = isCheck
    }

    /// What is asked.
    public var request: DecisionRequest {
        if let other { return other.request }
        guard let lane else { preconditionFailure("an item asks for something") }
        return DecisionRequest(lane)
    }

    /// Whose limits are asked.
    var tenant: TenantID { lane?.tenant ?? request.tenant }

    /// Set when it must have one effect however often it arrives.
    public var idempotency: IdempotencyRequest? { other?.idempotency }
}
