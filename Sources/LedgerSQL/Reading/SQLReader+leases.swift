package import QuotaEngine
package import QuotaLedger
package import QuotaModel

// What a transaction reads of nodes and their leases.
extension SQLReader {
    package func holder(_ id: Holder) throws(LedgerError) -> HolderRecord? {
        if let known = state.holders.value(id) { return known }
        let record = try all(
            "SELECT * FROM holders WHERE name = ? AND incarnation = ?",
            [.of(id.name), .of(id.incarnation)]
        ) { $0 }
        .first
        guard let record else { return nil }
        let known = LeaseRows.holder(record, positions: try streams(of: id))
        state.holders.put(known, id)
        return known
    }

    private func streams(of id: Holder) throws(LedgerError) -> [SQLRow] {
        try all(
            "SELECT stream, position FROM holder_streams WHERE name = ? AND incarnation = ?",
            [.of(id.name), .of(id.incarnation)]
        ) { $0 }
    }

    package func holders(named name: String) throws(LedgerError) -> [HolderRecord] {
        if let known = state.lives.value(name) { return known }
        let rows = try all(
            """
            SELECT * FROM holders WHERE name = ? AND (state <> 'ended' OR incarnation = (
                SELECT max(incarnation) FROM holders AS others WHERE others.name = holders.name))
            ORDER BY incarnation
            """, [.of(name)]
        ) { $0 }
        var records: [HolderRecord] = []
        for row in rows {
            let id = Holder(name: row["name"], incarnation: row["incarnation"])
            records.append(LeaseRows.holder(row, positions: try streams(of: id)))
        }
        state.lives.put(records, name)
        return records
    }

    package func silentHolders(before: Timestamp, limit: Int) throws(LedgerError) -> [Holder] {
        try all(
            """
            SELECT name, incarnation FROM holders WHERE state = 'live' AND heard_at_ns < ?
                AND EXISTS (SELECT 1 FROM leases WHERE leases.holder = holders.name
                    AND leases.incarnation = holders.incarnation AND leases.state = 'open')
            ORDER BY heard_at_ns, name, incarnation LIMIT ?
            """, [.of(before.nanoseconds), .of(Int64(limit))]
        ) { Holder(name: $0["name"], incarnation: $0["incarnation"]) }
    }

    package func lease(_ id: GrantID) throws(LedgerError) -> LeaseRecord? {
        if let known = state.leases.value(id) { return known }
        if let asked = state.preloaded.leases[id] { return asked }
        let record = try one(
            "SELECT * FROM leases WHERE holder = ? AND incarnation = ? AND sequence = ?",
            [.of(id.holder), .of(id.incarnation), .of(id.sequence)], LeaseRows.lease)
        if let record { state.leases.put(record, id) }
        return record
    }

    package func unclosedLeases(of account: AccountID) throws(LedgerError) -> [LeaseRecord] {
        if let known = state.preloaded.unclosed[account.key] {
            return known.filter { $0.account == account }
        }
        return try all(
            """
            SELECT * FROM leases
            WHERE account_owner = ? AND limit_name = ? AND period_start_ns = ?
                AND state <> 'closed'
            """, AccountRows.id(account), LeaseRows.lease)
    }

    package func unclosedLeases(of holder: Holder) throws(LedgerError) -> [LeaseRecord] {
        try all(
            """
            SELECT * FROM leases WHERE holder = ? AND incarnation = ? AND state <> 'closed'
            ORDER BY sequence
            """, [.of(holder.name), .of(holder.incarnation)], LeaseRows.lease)
    }

    package func forgettableLeases(limit: Int) throws(LedgerError) -> [GrantID] {
        try all(
            """
            SELECT leases.holder, leases.incarnation, leases.sequence FROM leases
            JOIN holders ON holders.name = leases.holder
                AND holders.incarnation = leases.incarnation
            WHERE leases.state = 'closed' AND size = posted + returned + carved
                AND CASE holders.state WHEN 'live' THEN leases.sequence < holders.floor ELSE
                    NOT EXISTS (
                        SELECT 1 FROM reservation_pieces AS pieces
                        WHERE pieces.holder = leases.holder
                            AND pieces.incarnation = leases.incarnation
                            AND pieces.sequence = leases.sequence)
                    END
            ORDER BY leases.holder, leases.incarnation, leases.sequence LIMIT ?
            """, [.of(Int64(limit))], LeaseRows.id)
    }

    package func forgettableHolders(limit: Int) throws(LedgerError) -> [Holder] {
        try all(
            """
            SELECT name, incarnation FROM holders
            WHERE state = 'ended' AND incarnation < (
                    SELECT max(incarnation) FROM holders AS others
                    WHERE others.name = holders.name)
                AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.holder = holders.name
                    AND leases.incarnation = holders.incarnation)
                AND NOT EXISTS (SELECT 1 FROM reservations WHERE owner_name = holders.name
                    AND owner_incarnation = holders.incarnation)
            ORDER BY name, incarnation LIMIT ?
            """, [.of(Int64(limit))]
        ) { Holder(name: $0["name"], incarnation: $0["incarnation"]) }
    }

    package func pieces(of reservation: ReservationID) throws(LedgerError) -> [HeldPiece] {
        // What is remembered as held holds grants of its own.
        if state.held.value(reservation) != nil { return [] }
        return try all(
            "SELECT * FROM reservation_pieces WHERE reservation = ? ORDER BY position",
            [.of(reservation.text)], LeaseRows.piece)
    }

    package func owner(of reservation: ReservationID) throws(LedgerError) -> Holder? {
        // What is remembered as held holds grants of its own.
        if state.held.value(reservation) != nil { return nil }
        return try one(
            """
            SELECT owner_name, owner_incarnation FROM reservations
            WHERE id = ? AND owner_name IS NOT NULL
            """, [.of(reservation.text)]
        ) { Holder(name: $0["owner_name"], incarnation: $0["owner_incarnation"]) }
    }

    package func ownedReservations(of holder: Holder) throws(LedgerError) -> [ReservationID] {
        try all(
            """
            SELECT id FROM reservations WHERE owner_name = ? AND owner_incarnation = ?
            ORDER BY id
            """, [.of(holder.name), .of(holder.incarnation)]
        ) { ReservationID(trusted: $0["id"]) }
    }
}
