import QuotaModel
import QuotaNode
enum ExtendAnswer: Sendable {
    case extended(Reservation)
    case refused(Decision)
    case notHeld
}
extension QuotaNode {
    func holdAtOnce(_ request: DecisionRequest) -> DecisionOutcome? { nil }
    func settleAtOnce(_ id: ReservationID, of tenant: TenantID, charges: [Charge], note: String?)
        -> Reservation?
    { nil }
    func voidAtOnce(_ id: ReservationID, of tenant: TenantID) -> Reservation? { nil }
    func extendAtOnce(_ id: ReservationID, of tenant: TenantID, by charges: [Charge])
        -> ExtendAnswer?
    { .notHeld }
    func extend(_ id: ReservationID, of tenant: TenantID, by charges: [Charge])
        async throws(NodeError) -> ExtendAnswer
    { .notHeld }
}
