public import QuotaLedger
public import QuotaModel

/// Why a node could not do what it was asked; a refusal by a limit is not an error but a
/// ``Decision``.
public enum NodeError: Error, Sendable {
    /// There is no such tenant.
    case tenantNotFound(TenantID)
    /// There is no such key, or it belongs to another tenant.
    case keyNotFound(APIKeyID)
    /// There is no such meter; the place of the charge that names it.
    case unknownMeter(MeterID, chargeIndex: Int?)
    /// The meter is an allocation and can't be consumed; the place of the charge that names it.
    case allocationMeter(MeterID, chargeIndex: Int?)
    /// The charges of one meter add up to more than the largest amount.
    case chargesTooLarge(MeterID, chargeIndex: Int)
    /// The time zone is not in the database.
    case unknownTimeZone(String)
    /// A plan or key names the same limit twice; the place of the second.
    case duplicateLimit(String, index: Int)
    /// The idempotency key was used for another request.
    case idempotencyKeyReused
    /// The first request with this idempotency key is still under way.
    case idempotencyKeyInFlight
    /// There is no such reservation, or it belongs to another tenant.
    case reservationNotFound(ReservationID)
    /// The reservation was settled before.
    case reservationSettled
    /// The reservation was voided before.
    case reservationVoided
    /// A meter that the reservation does not hold; the place of the charge.
    case meterNotHeld(MeterID, chargeIndex: Int)
    /// A counter would leave the range of 64 bits.
    case outOfRange
    /// There is no such thing: what it is, with its id.
    case notFound(String)
    /// What is asked contradicts what there is.
    case conflict(String)
    /// A value that can't be meant: the field of the request, and what is wrong with it.
    case invalid(field: String, String)
    /// The id is taken.
    case alreadyExists(String)
    /// The ledger could not be asked.
    case ledger(LedgerError)

    /// ``outOfRange``, for a request that has a field for it.
    static let outOfRangeDetail = "would make a counter leave the range of a 64-bit integer"

    /// The units of a reservation belong to a node that has to be asked, or has not been recovered.
    static func heldElsewhere(_ holder: Holder) -> NodeError {
        .conflict("node \"\(holder.name)\" holds the reservation and has to be asked")
    }
}
