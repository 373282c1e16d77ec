/// The tables of the ledger.
///
/// Times are nanoseconds since 1970-01-01T00:00:00Z, dates are
/// `YYYY-MM-DD` in UTC.
enum Tables {
    static let version1 = directory + accounts + usage + log

    private static let directory = [
        """
        CREATE TABLE head (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            revision INTEGER NOT NULL,
            batch INTEGER NOT NULL,
            hash BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE settings (
            name TEXT PRIMARY KEY NOT NULL,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tenants (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            plan TEXT NOT NULL,
            organization TEXT,
            time_zone TEXT NOT NULL,
            billing_anchor TEXT,
            billing_interval TEXT NOT NULL,
            status TEXT NOT NULL,
            currency TEXT NOT NULL,
            created_at_ns INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY NOT NULL,
            tenant TEXT NOT NULL REFERENCES tenants (id),
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            is_test INTEGER NOT NULL,
            created_at_ns INTEGER NOT NULL,
            expires_at_ns INTEGER,
            revision INTEGER NOT NULL,
            public_id TEXT NOT NULL UNIQUE,
            digest BLOB NOT NULL,
            pepper_version INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX api_keys_by_tenant ON api_keys (tenant, id)",
        """
        CREATE TABLE plans (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            weight INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE meters (
            id TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL,
            recording TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE limits (
            owner_kind TEXT NOT NULL CHECK (owner_kind IN ('plan', 'key')),
            owner TEXT NOT NULL,
            position INTEGER NOT NULL,
            meter TEXT NOT NULL REFERENCES meters (id),
            scope TEXT NOT NULL CHECK (scope IN ('organization', 'tenant', 'key', 'model')),
            model TEXT,
            window TEXT NOT NULL,
            quantity INTEGER,
            burst INTEGER,
            soft_percent INTEGER NOT NULL,
            warns INTEGER NOT NULL,
            mode TEXT NOT NULL,
            on_unavailable TEXT NOT NULL,
            on_unavailable_cap INTEGER,
            PRIMARY KEY (owner_kind, owner, position)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    private static let accounts = [
        """
        CREATE TABLE accounts (
            tenant TEXT NOT NULL,
            limit_name TEXT NOT NULL,
            period_start_ns INTEGER NOT NULL,
            period_end_ns INTEGER NOT NULL,
            period_index INTEGER NOT NULL,
            rule TEXT NOT NULL,
            meter TEXT NOT NULL,
            window TEXT NOT NULL,
            is_tenant_scope INTEGER NOT NULL,
            is_unlimited INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'closing')),
            limit_revision INTEGER NOT NULL,
            version INTEGER NOT NULL,
            capacity INTEGER NOT NULL,
            available INTEGER NOT NULL,
            escrowed INTEGER NOT NULL,
            suspect INTEGER NOT NULL,
            posted INTEGER NOT NULL,
            PRIMARY KEY (tenant, limit_name, period_start_ns),
            CHECK (capacity = available + escrowed + suspect + posted)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX accounts_by_end ON accounts (period_end_ns)",
        """
        CREATE TABLE archives (
            tenant TEXT NOT NULL,
            limit_name TEXT NOT NULL,
            period_start_ns INTEGER NOT NULL,
            period_end_ns INTEGER NOT NULL,
            period_index INTEGER NOT NULL,
            rule TEXT NOT NULL,
            meter TEXT NOT NULL,
            window TEXT NOT NULL,
            is_tenant_scope INTEGER NOT NULL,
            is_unlimited INTEGER NOT NULL,
            limit_revision INTEGER NOT NULL,
            version INTEGER NOT NULL,
            capacity INTEGER NOT NULL,
            available INTEGER NOT NULL,
            escrowed INTEGER NOT NULL,
            suspect INTEGER NOT NULL,
            posted INTEGER NOT NULL,
            closed_at_ns INTEGER NOT NULL,
            PRIMARY KEY (tenant, limit_name, period_start_ns),
            CHECK (capacity = available + escrowed + suspect + posted)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE grants (
            holder TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            limit_name TEXT NOT NULL,
            period_start_ns INTEGER NOT NULL,
            meter TEXT NOT NULL,
            reservation TEXT NOT NULL,
            size INTEGER NOT NULL,
            posted INTEGER NOT NULL,
            returned INTEGER NOT NULL,
            overage INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'suspect', 'closed')),
            PRIMARY KEY (holder, incarnation, sequence),
            CHECK (posted >= 0 AND returned >= 0 AND posted + returned <= size)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX grants_by_reservation ON grants (reservation)",
        """
        CREATE INDEX grants_unclosed ON grants (tenant, limit_name, period_start_ns)
        WHERE state <> 'closed'
        """,
        """
        CREATE TABLE reservations (
            id TEXT PRIMARY KEY NOT NULL,
            tenant TEXT NOT NULL,
            key TEXT NOT NULL,
            model TEXT,
            state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'voided', 'suspect')),
            on_expiry TEXT NOT NULL,
            ended_by_expiry INTEGER NOT NULL,
            admitted_at_ns INTEGER NOT NULL,
            expires_at_ns INTEGER NOT NULL,
            metadata TEXT,
            idempotency_key TEXT
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX reservations_held ON reservations (expires_at_ns) WHERE state = 'held'",
        """
        CREATE TABLE reservation_charges (
            reservation TEXT NOT NULL,
            position INTEGER NOT NULL,
            meter TEXT NOT NULL,
            held INTEGER NOT NULL,
            settled INTEGER,
            PRIMARY KEY (reservation, position)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE reservation_rates (
            reservation TEXT NOT NULL,
            position INTEGER NOT NULL,
            limit_name TEXT NOT NULL,
            meter TEXT NOT NULL,
            quantity INTEGER NOT NULL,
            burst INTEGER NOT NULL,
            window_ns INTEGER NOT NULL,
            PRIMARY KEY (reservation, position)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE buckets (
            tenant TEXT NOT NULL,
            limit_name TEXT NOT NULL,
            missing TEXT NOT NULL,
            steady_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL,
            life_ns INTEGER NOT NULL,
            PRIMARY KEY (tenant, limit_name)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    private static let usage = [
        """
        CREATE TABLE events (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            meter TEXT NOT NULL,
            units INTEGER NOT NULL,
            overage INTEGER NOT NULL,
            key TEXT NOT NULL,
            model TEXT,
            admitted_at_ns INTEGER NOT NULL,
            posted_at_ns INTEGER NOT NULL,
            adjusts_ns INTEGER,
            idempotency_key TEXT,
            metadata TEXT,
            PRIMARY KEY (tenant, id, meter)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE hourly_usage (
            tenant TEXT NOT NULL,
            hour_ns INTEGER NOT NULL,
            key TEXT NOT NULL,
            meter TEXT NOT NULL,
            model TEXT NOT NULL,
            units INTEGER NOT NULL,
            postings INTEGER NOT NULL,
            PRIMARY KEY (tenant, hour_ns, key, meter, model)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE daily_usage (
            api_key_id TEXT NOT NULL,
            date TEXT NOT NULL,
            tenant TEXT NOT NULL,
            request_count INTEGER NOT NULL,
            last_request_at_ns INTEGER NOT NULL,
            PRIMARY KEY (api_key_id, date, tenant)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE daily_meter_usage (
            date TEXT NOT NULL,
            meter TEXT NOT NULL,
            tenant TEXT NOT NULL,
            units INTEGER NOT NULL,
            exceeded_until_ns INTEGER,
            PRIMARY KEY (date, meter, tenant)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE answers (
            number INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            status INTEGER NOT NULL,
            headers TEXT NOT NULL,
            body BLOB NOT NULL,
            created_at_ns INTEGER NOT NULL,
            UNIQUE (tenant, key)
        ) STRICT
        """,
        "CREATE INDEX answers_by_time ON answers (created_at_ns)",
    ]

    private static let log = [
        """
        CREATE TABLE entry_batches (
            number INTEGER PRIMARY KEY,
            committed_at_ns INTEGER NOT NULL,
            hash BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE entries (
            batch INTEGER NOT NULL,
            position INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            limit_name TEXT NOT NULL,
            period_start_ns INTEGER NOT NULL,
            capacity INTEGER NOT NULL,
            available INTEGER NOT NULL,
            escrowed INTEGER NOT NULL,
            suspect INTEGER NOT NULL,
            posted INTEGER NOT NULL,
            PRIMARY KEY (batch, position)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TRIGGER entry_batches_are_never_updated BEFORE UPDATE ON entry_batches
        BEGIN SELECT RAISE(ABORT, 'entries are never updated'); END
        """,
        """
        CREATE TRIGGER entry_batches_are_never_deleted BEFORE DELETE ON entry_batches
        BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END
        """,
        """
        CREATE TRIGGER entries_are_never_updated BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never updated'); END
        """,
        """
        CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END
        """,
    ]
}
