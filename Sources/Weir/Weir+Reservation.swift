import Logging
public import QuotaModel
import Synchronization

extension Weir {
    /// Units that are held for one piece of work: settle it with what was used, or void it.
    ///
    /// It can't be copied, so that it ends once. One that goes out of scope without an end is not
    /// lost: its `onExpiry` comes true when its time is over. Since that is hardly ever meant, a
    /// warning is logged and ``Weir/droppedReservations`` counts it.
    public struct Reservation: ~Copyable, Sendable {
        /// The id, by which ``Weir/settle(_:charges:)`` and ``Weir/void(_:)`` know it.
        public let id: ReservationID
        /// The decision, with the figures after the units were taken.
        public let decision: Decision
        /// The units held, one charge a meter.
        public let held: [Charge]
        /// When its `onExpiry` comes true.
        public let expiresAt: Timestamp
        private let weir: Weir
        private var isOpen = true

        init(_ weir: Weir, _ record: QuotaModel.Reservation, _ decision: Decision) {
            self.weir = weir
            self.decision = decision
            (id, held, expiresAt) = (record.id, record.held, record.expiresAt)
        }

        deinit {
            if isOpen { weir.noteDropped(id, expiresAt: expiresAt) }
        }

        /// Books the true use and gives the rest back.
        ///
        /// Where it throws, the units are still held: ``Weir/settle(_:charges:)`` can be asked
        /// again.
        ///
        /// - Parameter charges: the true use, from 0 units, also more than was held; a held meter
        ///   that is missing settles as held.
        /// - Returns: the reservation with its outcome.
        /// - Throws: ``WeirError``.
        @discardableResult
        public consuming func settle(
            _ charges: [Charge] = []
        ) async throws(WeirError) -> QuotaModel.Reservation {
            isOpen = false
            return try await weir.settle(id, charges: charges)
        }

        /// Gives everything back.
        ///
        /// Where it throws, the units are still held: ``Weir/void(_:)`` can be asked again.
        ///
        /// - Returns: the reservation with its outcome.
        /// - Throws: ``WeirError``.
        @discardableResult
        public consuming func void() async throws(WeirError) -> QuotaModel.Reservation {
            isOpen = false
            return try await weir.void(id)
        }
    }

    /// What became of a request to hold units.
    public enum ReserveOutcome: ~Copyable, Sendable {
        /// They are held.
        case held(Reservation)
        /// They are not: the decision says which limit refused.
        case refused(Decision)
    }

    /// How many reservations went out of scope without being settled or voided.
    public var droppedReservations: Int { dropped.load(ordering: .relaxed) }

    fileprivate func noteDropped(_ id: ReservationID, expiresAt: Timestamp) {
        dropped.add(1, ordering: .relaxed)
        options.logger.warning(
            "a reservation was dropped: settle or void it; its on_expiry comes true in time",
            metadata: ["reservation": "\(id)", "expires_at": "\(expiresAt)"])
    }
}
