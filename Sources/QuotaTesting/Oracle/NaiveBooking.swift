import QuotaModel

/// One request that was admitted, for as long as anybody asks.
struct NaiveBooking: Sendable {
    enum State: Sendable {
        case held, suspect, posted, voided
    }

    let tenant: TenantID
    let expiresAt: Timestamp
    let onExpiry: Reservation.OnExpiry
    /// What was held, by meter.
    let held: [MeterID: Int64]
    /// The period of its admission, one for each limit; nil for rates.
    let periods: [Timestamp?]
    var state = State.held
    /// Whether time ended it.
    var isEndedByExpiry = false
    /// What was used, by meter, once posted.
    var used: [MeterID: Int64] = [:]
    /// The period in which it was posted, one for each limit.
    var postedIn: [Timestamp?] = []

    /// Whether its use is not known yet.
    var isOutstanding: Bool { state == .held || state == .suspect }
}
