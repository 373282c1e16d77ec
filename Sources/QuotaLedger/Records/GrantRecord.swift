public import QuotaEngine
public import QuotaModel

/// A grant as the ledger keeps it.
public struct GrantRecord: Hashable, Sendable {
    /// The account the units come from.
    public let account: AccountID
    /// What is counted.
    public let meter: MeterID
    /// The reservation that holds it.
    public let reservation: ReservationID
    /// The grant.
    public var grant: Grant

    /// Creates a record.
    public init(account: AccountID, meter: MeterID, reservation: ReservationID, grant: Grant) {
        self.account = account
        self.meter = meter
        self.reservation = reservation
        self.grant = grant
    }
}
