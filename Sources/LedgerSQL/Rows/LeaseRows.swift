import QuotaEngine
import QuotaLedger
import QuotaModel

/// Lives of nodes and their leases as rows.
enum LeaseRows {
    static func holder(_ row: SQLRow, positions: [SQLRow]) -> HolderRecord {
        HolderRecord(
            id: Holder(name: row["name"], incarnation: row["incarnation"]),
            state: HolderRecord.State(rawValue: row["state"]) ?? .ended,
            epoch: row["epoch"],
            floor: row["floor"],
            heardAt: Timestamp(nanoseconds: row["heard_at_ns"]),
            positions: Dictionary(
                positions.map { ($0["stream"] as Int, $0["position"] as Int64) }
            ) { $1 })
    }

    static func id(_ row: SQLRow) -> GrantID {
        GrantID(holder: row["holder"], incarnation: row["incarnation"], sequence: row["sequence"])
    }

    static func lease(_ row: SQLRow) -> LeaseRecord {
        LeaseRecord(
            account: AccountID(
                key: AccountKey(
                    tenant: TenantID(trusted: row["account_owner"]), limit: row["limit_name"]),
                periodStart: Timestamp(nanoseconds: row["period_start_ns"])),
            meter: MeterID(trusted: row["meter"]),
            tenant: TenantID(trusted: row["tenant"]),
            grant: Grant(
                id: id(row),
                size: row["size"],
                posted: row["posted"],
                returned: row["returned"],
                carved: row["carved"],
                overage: row["overage"],
                state: Grant.State(rawValue: row["state"]) ?? .suspect),
            yielded: row["yielded"],
            yieldedOverage: row["yielded_overage"])
    }

    static func piece(_ row: SQLRow) -> HeldPiece {
        HeldPiece(lease: id(row), units: row["units"])
    }

    static func put(_ record: HolderRecord, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO holders (name, incarnation, state, epoch, floor, heard_at_ns)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (name, incarnation) DO UPDATE SET
                state = excluded.state, epoch = excluded.epoch, floor = excluded.floor,
                heard_at_ns = excluded.heard_at_ns
            """
        ) { row in
            row.add(record.id)
            row.add(record.state.rawValue)
            row.add(record.epoch)
            row.add(record.floor)
            row.add(record.heardAt.nanoseconds)
        }
        for (stream, position) in record.positions {
            try sql.run(
                """
                INSERT INTO holder_streams (name, incarnation, stream, position)
                VALUES (?, ?, ?, ?)
                ON CONFLICT (name, incarnation, stream) DO UPDATE SET
                    position = excluded.position
                """
            ) { row in
                row.add(record.id)
                row.add(Int64(stream))
                row.add(position)
            }
        }
    }

    static func put(_ record: LeaseRecord, _ sql: any SQLSession) throws(LedgerError) {
        let grant = record.grant
        try sql.run(
            """
            INSERT INTO leases (
                holder, incarnation, sequence, account_owner, limit_name, period_start_ns, meter,
                tenant, size, posted, returned, carved, overage, yielded, yielded_overage, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (holder, incarnation, sequence) DO UPDATE SET
                posted = excluded.posted, returned = excluded.returned,
                carved = excluded.carved, overage = excluded.overage,
                yielded = excluded.yielded, yielded_overage = excluded.yielded_overage,
                state = excluded.state
            """
        ) { row in
            row.add(grant.id)
            row.add(record.account)
            row.add(record.meter.text)
            row.add(record.tenant.text)
            row.add(grant.size)
            row.add(grant.posted)
            row.add(grant.returned)
            row.add(grant.carved)
            row.add(grant.overage)
            row.add(record.yielded)
            row.add(record.yieldedOverage)
            row.add(grant.state.rawValue)
        }
    }

    static func delete(_ id: GrantID, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            "DELETE FROM leases WHERE holder = ? AND incarnation = ? AND sequence = ?"
        ) { $0.add(id) }
    }

    static func delete(_ id: Holder, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            "DELETE FROM holder_streams WHERE name = ? AND incarnation = ?"
        ) { $0.add(id) }
        try sql.run(
            "DELETE FROM holders WHERE name = ? AND incarnation = ?"
        ) { $0.add(id) }
    }

    static func put(owner: Holder?, of id: ReservationID, _ sql: any SQLSession) throws(LedgerError)
    {
        try sql.run(
            "UPDATE reservations SET owner_name = ?, owner_incarnation = ? WHERE id = ?"
        ) { row in
            row.add(owner?.name)
            row.add(owner?.incarnation)
            row.add(id.text)
        }
    }

    static func replace(_ pieces: [HeldPiece], of id: ReservationID, _ sql: any SQLSession)
        throws(LedgerError)
    {
        try sql.run(
            "DELETE FROM reservation_pieces WHERE reservation = ?"
        ) { $0.add(id.text) }
        for (position, piece) in pieces.enumerated() {
            try sql.run(
                """
                INSERT INTO reservation_pieces (
                    reservation, position, holder, incarnation, sequence, units)
                VALUES (?, ?, ?, ?, ?, ?)
                """
            ) { row in
                row.add(id.text)
                row.add(Int64(position))
                row.add(piece.lease)
                row.add(piece.units)
            }
        }
    }
}

extension SQLBindings {
    fileprivate mutating func add(_ id: Holder) {
        add(id.name)
        add(id.incarnation)
    }

    fileprivate mutating func add(_ id: GrantID) {
        add(id.holder)
        add(id.incarnation)
        add(id.sequence)
    }
}
