extension Tables {
    /// What nodes that lease units need: their lives, how far their journals are folded, their
    /// leases, and what reservations hold of them.
    static let leases = [
        """
        CREATE TABLE holders (
            name TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('live', 'ended')),
            epoch INTEGER NOT NULL,
            floor INTEGER NOT NULL,
            heard_at_ns INTEGER NOT NULL,
            PRIMARY KEY (name, incarnation)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX holders_live ON holders (heard_at_ns) WHERE state = 'live'",
        """
        CREATE TABLE holder_streams (
            name TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            stream INTEGER NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (name, incarnation, stream)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE leases (
            holder TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            account_owner TEXT NOT NULL,
            limit_name TEXT NOT NULL,
            period_start_ns INTEGER NOT NULL,
            meter TEXT NOT NULL,
            tenant TEXT NOT NULL,
            size INTEGER NOT NULL,
            posted INTEGER NOT NULL,
            returned INTEGER NOT NULL,
            carved INTEGER NOT NULL,
            overage INTEGER NOT NULL,
            yielded INTEGER NOT NULL,
            yielded_overage INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'suspect', 'closed')),
            PRIMARY KEY (holder, incarnation, sequence),
            CHECK (posted >= 0 AND returned >= 0 AND carved >= 0
                AND posted + returned + carved <= size)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE INDEX leases_unclosed ON leases (account_owner, limit_name, period_start_ns)
        WHERE state <> 'closed'
        """,
        """
        CREATE INDEX leases_suspect ON leases (holder, incarnation, sequence)
        WHERE state = 'suspect'
        """,
        """
        CREATE INDEX leases_closed ON leases (holder, incarnation, sequence)
        WHERE state = 'closed'
        """,
        """
        CREATE TABLE reservation_pieces (
            reservation TEXT NOT NULL,
            position INTEGER NOT NULL,
            holder TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (reservation, position)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX reservation_pieces_by_holder ON reservation_pieces (holder, incarnation)",
        "ALTER TABLE accounts ADD COLUMN carries_unused INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE accounts ADD COLUMN carried INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE archives ADD COLUMN carries_unused INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE archives ADD COLUMN carried INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE head ADD COLUMN transactions INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE reservations ADD COLUMN owner_name TEXT",
        "ALTER TABLE reservations ADD COLUMN owner_incarnation INTEGER",
        """
        CREATE INDEX reservations_owned ON reservations (owner_name, owner_incarnation)
        WHERE owner_name IS NOT NULL
        """,
    ]
}
