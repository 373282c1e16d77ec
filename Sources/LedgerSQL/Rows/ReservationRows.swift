import QuotaEngine
import QuotaLedger
import QuotaModel

/// Reservations and their grants as rows.
enum ReservationRows {
    /// A reservation with its charges and rates.
    static func reservation(
        _ id: String,
        _ sql: any SQLSession
    ) throws(LedgerError) -> Reservation? {
        let charges = try sql.all(
            """
            SELECT position, meter, held, settled FROM reservation_charges
            WHERE reservation = ? ORDER BY position
            """, [.of(id)])
        let rates = try sql.all(
            "SELECT * FROM reservation_rates WHERE reservation = ? ORDER BY position", [.of(id)])
        return try sql.first("SELECT * FROM reservations WHERE id = ?", [.of(id)])
            .map { reservation($0, charges: charges, rates: rates) }
    }

    /// A reservation; charges and rates are its rows of the tables of these names, in order.
    static func reservation(_ row: SQLRow, charges: [SQLRow], rates: [SQLRow]) -> Reservation {
        let held = charges.map {
            Charge(meter: MeterID(trusted: $0["meter"]), amount: $0["held"])
        }
        let settled = charges.compactMap { charge -> Charge? in
            let amount: Int64? = charge["settled"]
            return amount.map { Charge(meter: MeterID(trusted: charge["meter"]), amount: $0) }
        }
        let model: String? = row["model"]
        let idempotencyKey: String? = row["idempotency_key"]
        return Reservation(
            id: ReservationID(trusted: row["id"]),
            tenant: TenantID(trusted: row["tenant"]),
            key: APIKeyID(trusted: row["key"]),
            model: model.map(ModelName.init(trusted:)),
            held: held,
            onExpiry: Reservation.OnExpiry(rawValue: row["on_expiry"]) ?? .suspect,
            admittedAt: Timestamp(nanoseconds: row["admitted_at_ns"]),
            expiresAt: Timestamp(nanoseconds: row["expires_at_ns"]),
            metadata: row["metadata"],
            idempotencyKey: idempotencyKey.map(ExactString.init),
            rates: rates.map(rate),
            state: Reservation.State(rawValue: row["state"]) ?? .suspect,
            settled: settled,
            endedByExpiry: row["ended_by_expiry"])
    }

    private static func rate(_ row: SQLRow) -> Reservation.HeldRate {
        Reservation.HeldRate(
            limit: row["limit_name"], meter: MeterID(trusted: row["meter"]),
            quantity: row["quantity"], burst: row["burst"],
            windowNanoseconds: row["window_ns"])
    }

    /// Writes the rates that a reservation drew from.
    static func putRates(
        of reservation: Reservation,
        _ sql: any SQLSession
    ) throws(LedgerError) {
        for (position, rate) in reservation.rates.enumerated() {
            try insert(rate, position: position, of: reservation.id, sql)
        }
    }

    private static func insert(
        _ rate: Reservation.HeldRate,
        position: Int,
        of id: ReservationID,
        _ sql: any SQLSession
    ) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO reservation_rates (
                reservation, position, limit_name, meter, quantity, burst, window_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """
        ) { row in
            row.add(id.text)
            row.add(Int64(position))
            row.add(rate.limit)
            row.add(rate.meter.text)
            row.add(rate.quantity)
            row.add(rate.burst)
            row.add(rate.windowNanoseconds)
        }
    }

    static func grant(_ row: SQLRow) -> GrantRecord {
        GrantRecord(
            account: AccountID(
                key: AccountKey(
                    tenant: TenantID(trusted: row["tenant"]), limit: row["limit_name"]),
                periodStart: Timestamp(nanoseconds: row["period_start_ns"])),
            meter: MeterID(trusted: row["meter"]),
            reservation: ReservationID(trusted: row["reservation"]),
            grant: Grant(
                id: LeaseRows.id(row),
                size: row["size"],
                posted: row["posted"],
                returned: row["returned"],
                overage: row["overage"],
                state: Grant.State(rawValue: row["state"]) ?? .suspect))
    }

    static func put(_ reservation: Reservation, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO reservations (
                id, tenant, key, model, state, on_expiry, ended_by_expiry, admitted_at_ns,
                expires_at_ns, metadata, idempotency_key)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                state = excluded.state, ended_by_expiry = excluded.ended_by_expiry
            """
        ) { row in
            row.add(reservation.id.text)
            row.add(reservation.tenant.text)
            row.add(reservation.key.text)
            row.add(reservation.model?.text)
            row.add(reservation.state.rawValue)
            row.add(reservation.onExpiry.rawValue)
            row.add(reservation.endedByExpiry)
            row.add(reservation.admittedAt.nanoseconds)
            row.add(reservation.expiresAt.nanoseconds)
            row.add(reservation.metadata)
            row.add(reservation.idempotencyKey?.text)
        }
    }

    /// Writes what a reservation holds.
    static func putCharges(
        of reservation: Reservation,
        _ sql: any SQLSession
    ) throws(LedgerError) {
        for (position, charge) in reservation.held.enumerated() {
            let settled = reservation.settled.first { $0.meter == charge.meter }
            try sql.run(
                """
                INSERT INTO reservation_charges (reservation, position, meter, held, settled)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (reservation, position) DO UPDATE SET
                    held = excluded.held, settled = excluded.settled
                """
            ) { row in
                row.add(reservation.id.text)
                row.add(Int64(position))
                row.add(charge.meter.text)
                row.add(charge.amount)
                row.add(settled?.amount)
            }
        }
    }

    static func put(_ record: GrantRecord, _ sql: any SQLSession) throws(LedgerError) {
        let grant = record.grant
        try sql.run(
            """
            INSERT INTO grants (
                holder, incarnation, sequence, tenant, limit_name, period_start_ns, meter,
                reservation, size, posted, returned, overage, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (holder, incarnation, sequence) DO UPDATE SET
                posted = excluded.posted, returned = excluded.returned,
                overage = excluded.overage, state = excluded.state
            """
        ) { row in
            row.add(grant.id.holder)
            row.add(grant.id.incarnation)
            row.add(grant.id.sequence)
            row.add(record.account)
            row.add(record.meter.text)
            row.add(record.reservation.text)
            row.add(grant.size)
            row.add(grant.posted)
            row.add(grant.returned)
            row.add(grant.overage)
            row.add(grant.state.rawValue)
        }
    }
}
