extension Tables {
    static let accounts = [
        """
        CREATE TABLE accounts (
            tenant text COLLATE "C" NOT NULL,
            limit_name text COLLATE "C" NOT NULL,
            period_start_ns bigint NOT NULL,
            period_end_ns bigint NOT NULL,
            period_index bigint NOT NULL,
            rule text COLLATE "C" NOT NULL,
            meter text COLLATE "C" NOT NULL,
            "window" text COLLATE "C" NOT NULL,
            is_tenant_scope bigint NOT NULL,
            is_unlimited bigint NOT NULL,
            state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'closing')),
            limit_revision bigint NOT NULL,
            version bigint NOT NULL,
            capacity bigint NOT NULL,
            available bigint NOT NULL,
            escrowed bigint NOT NULL,
            suspect bigint NOT NULL,
            posted bigint NOT NULL,
            extra bigint NOT NULL DEFAULT 0,
            terms text COLLATE "C",
            next_expiry_ns bigint,
            thresholds text COLLATE "C",
            told text COLLATE "C",
            PRIMARY KEY (tenant, limit_name, period_start_ns),
            CHECK (capacity = available + escrowed + suspect + posted)
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE TABLE archives (
            tenant text COLLATE "C" NOT NULL,
            limit_name text COLLATE "C" NOT NULL,
            period_start_ns bigint NOT NULL,
            period_end_ns bigint NOT NULL,
            period_index bigint NOT NULL,
            rule text COLLATE "C" NOT NULL,
            meter text COLLATE "C" NOT NULL,
            "window" text COLLATE "C" NOT NULL,
            is_tenant_scope bigint NOT NULL,
            is_unlimited bigint NOT NULL,
            limit_revision bigint NOT NULL,
            version bigint NOT NULL,
            capacity bigint NOT NULL,
            available bigint NOT NULL,
            escrowed bigint NOT NULL,
            suspect bigint NOT NULL,
            posted bigint NOT NULL,
            closed_at_ns bigint NOT NULL,
            extra bigint NOT NULL DEFAULT 0,
            terms text COLLATE "C",
            thresholds text COLLATE "C",
            told text COLLATE "C",
            is_condensed bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant, limit_name, period_start_ns),
            CHECK (capacity = available + escrowed + suspect + posted)
        )
        """,
        """
        CREATE TABLE grants (
            holder text COLLATE "C" NOT NULL,
            incarnation bigint NOT NULL,
            sequence bigint NOT NULL,
            tenant text COLLATE "C" NOT NULL,
            limit_name text COLLATE "C" NOT NULL,
            period_start_ns bigint NOT NULL,
            meter text COLLATE "C" NOT NULL,
            reservation text COLLATE "C" NOT NULL,
            size bigint NOT NULL,
            posted bigint NOT NULL,
            returned bigint NOT NULL,
            overage bigint NOT NULL,
            state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'suspect', 'closed')),
            PRIMARY KEY (holder, incarnation, sequence),
            CHECK (posted >= 0 AND returned >= 0 AND posted + returned <= size)
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE TABLE holders (
            name text COLLATE "C" NOT NULL,
            incarnation bigint NOT NULL,
            state text COLLATE "C" NOT NULL CHECK (state IN ('live', 'ended')),
            epoch bigint NOT NULL,
            floor bigint NOT NULL,
            heard_at_ns bigint NOT NULL,
            PRIMARY KEY (name, incarnation)
        ) WITH (fillfactor = 50)
        """,
        """
        CREATE TABLE holder_streams (
            name text COLLATE "C" NOT NULL,
            incarnation bigint NOT NULL,
            stream bigint NOT NULL,
            position bigint NOT NULL,
            PRIMARY KEY (name, incarnation, stream)
        ) WITH (fillfactor = 50)
        """,
        """
        CREATE TABLE leases (
            holder text COLLATE "C" NOT NULL,
            incarnation bigint NOT NULL,
            sequence bigint NOT NULL,
            account_owner text COLLATE "C" NOT NULL,
            limit_name text COLLATE "C" NOT NULL,
            period_start_ns bigint NOT NULL,
            meter text COLLATE "C" NOT NULL,
            tenant text COLLATE "C" NOT NULL,
            size bigint NOT NULL,
            posted bigint NOT NULL,
            returned bigint NOT NULL,
            carved bigint NOT NULL,
            overage bigint NOT NULL,
            yielded bigint NOT NULL,
            yielded_overage bigint NOT NULL,
            state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'suspect', 'closed')),
            PRIMARY KEY (holder, incarnation, sequence),
            CHECK (posted >= 0 AND returned >= 0 AND carved >= 0
                AND posted + returned + carved <= size)
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE TABLE reservations (
            id text COLLATE "C" PRIMARY KEY,
            tenant text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            model text COLLATE "C",
            state text COLLATE "C" NOT NULL CHECK (state IN ('held', 'settled', 'voided',
                'suspect')),
            on_expiry text COLLATE "C" NOT NULL,
            ended_by_expiry bigint NOT NULL,
            admitted_at_ns bigint NOT NULL,
            expires_at_ns bigint NOT NULL,
            metadata text COLLATE "C",
            idempotency_key text COLLATE "C",
            owner_name text COLLATE "C",
            owner_incarnation bigint
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE TABLE reservation_charges (
            reservation text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            meter text COLLATE "C" NOT NULL,
            held bigint NOT NULL,
            settled bigint,
            PRIMARY KEY (reservation, position)
        )
        """,
        """
        CREATE TABLE reservation_rates (
            reservation text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            limit_name text COLLATE "C" NOT NULL,
            meter text COLLATE "C" NOT NULL,
            quantity bigint NOT NULL,
            burst bigint NOT NULL,
            window_ns bigint NOT NULL,
            PRIMARY KEY (reservation, position)
        )
        """,
        """
        CREATE TABLE reservation_pieces (
            reservation text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            holder text COLLATE "C" NOT NULL,
            incarnation bigint NOT NULL,
            sequence bigint NOT NULL,
            units bigint NOT NULL,
            PRIMARY KEY (reservation, position)
        )
        """,
        """
        CREATE TABLE buckets (
            tenant text COLLATE "C" NOT NULL,
            limit_name text COLLATE "C" NOT NULL,
            missing text COLLATE "C" NOT NULL,
            steady_ns bigint NOT NULL,
            wall_ns bigint NOT NULL,
            life_ns bigint NOT NULL,
            PRIMARY KEY (tenant, limit_name)
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE INDEX accounts_by_end
        ON accounts (period_end_ns, tenant, limit_name, period_start_ns)
        """,
        """
        CREATE INDEX accounts_by_expiry
        ON accounts (next_expiry_ns, tenant, limit_name, period_start_ns)
        WHERE next_expiry_ns IS NOT NULL
        """,
        "CREATE INDEX archives_whole ON archives (closed_at_ns) WHERE is_condensed = 0",
        "CREATE INDEX grants_by_reservation ON grants (reservation)",
        """
        CREATE INDEX grants_suspect ON grants (holder, incarnation, sequence)
        WHERE state = 'suspect'
        """,
        """
        CREATE INDEX grants_unclosed ON grants (tenant, limit_name, period_start_ns)
        WHERE state <> 'closed'
        """,
        """
        CREATE INDEX holders_live ON holders (heard_at_ns, name, incarnation)
        WHERE state = 'live'
        """,
        """
        CREATE INDEX leases_closed ON leases (holder, incarnation, sequence)
        WHERE state = 'closed'
        """,
        """
        CREATE INDEX leases_suspect ON leases (holder, incarnation, sequence)
        WHERE state = 'suspect'
        """,
        """
        CREATE INDEX leases_unclosed ON leases (account_owner, limit_name, period_start_ns)
        WHERE state <> 'closed'
        """,
        "CREATE INDEX reservation_pieces_by_holder ON reservation_pieces (holder, incarnation)",
        "CREATE INDEX reservations_held ON reservations (expires_at_ns, id) WHERE state = 'held'",
        "CREATE INDEX reservations_held_by_tenant ON reservations (tenant) WHERE state = 'held'",
        """
        CREATE INDEX reservations_owned ON reservations (owner_name, owner_incarnation, id)
        WHERE owner_name IS NOT NULL
        """,
    ]
}
