extension Tables {
    /// What bills need: rollovers, what accounts have beside their limit, and when that expires.
    static let billing = [
        "ALTER TABLE limits ADD COLUMN rollover TEXT",
        "ALTER TABLE limits ADD COLUMN thresholds TEXT",
        "ALTER TABLE accounts RENAME COLUMN carried TO extra",
        "ALTER TABLE accounts DROP COLUMN carries_unused",
        "ALTER TABLE accounts ADD COLUMN terms TEXT",
        // When a top-up expires, or the limit changes by its date.
        "ALTER TABLE accounts ADD COLUMN next_expiry_ns INTEGER",
        """
        CREATE INDEX accounts_by_expiry ON accounts (next_expiry_ns)
        WHERE next_expiry_ns IS NOT NULL
        """,
        "ALTER TABLE archives RENAME COLUMN carried TO extra",
        "ALTER TABLE archives DROP COLUMN carries_unused",
        "ALTER TABLE archives ADD COLUMN terms TEXT",
        "ALTER TABLE accounts ADD COLUMN thresholds TEXT",
        "ALTER TABLE accounts ADD COLUMN told TEXT",
        "ALTER TABLE archives ADD COLUMN thresholds TEXT",
        "ALTER TABLE archives ADD COLUMN told TEXT",
        "ALTER TABLE archives ADD COLUMN is_condensed INTEGER NOT NULL DEFAULT 0",
        """
        CREATE INDEX archives_whole ON archives (closed_at_ns) WHERE is_condensed = 0
        """,
        "ALTER TABLE head ADD COLUMN notifications INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE tenants ADD COLUMN plan_steps TEXT",
        "ALTER TABLE tenants ADD COLUMN billing_boundaries TEXT",
        "ALTER TABLE organizations ADD COLUMN billing_boundaries TEXT",
        """
        CREATE TABLE notifications (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            at_ns INTEGER NOT NULL,
            tenant TEXT,
            organization TEXT,
            limit_name TEXT,
            meter TEXT,
            window TEXT,
            quantity INTEGER,
            used INTEGER,
            percent INTEGER,
            period_start_ns INTEGER,
            period_end_ns INTEGER,
            plan TEXT,
            ends_at_ns INTEGER
        ) STRICT
        """,
        """
        CREATE INDEX notifications_by_tenant ON notifications (tenant, number)
        WHERE tenant IS NOT NULL
        """,
        "CREATE INDEX notifications_by_time ON notifications (at_ns)",
        """
        CREATE TABLE webhooks (
            id TEXT PRIMARY KEY NOT NULL,
            url TEXT NOT NULL,
            kinds TEXT NOT NULL,
            tenant TEXT,
            status TEXT NOT NULL,
            failure TEXT,
            secret_version INTEGER NOT NULL,
            pepper_version INTEGER NOT NULL,
            previous_until_ns INTEGER,
            created_at_ns INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE deliveries (
            endpoint TEXT NOT NULL,
            number INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
            attempts INTEGER NOT NULL,
            next_ns INTEGER,
            last_status INTEGER,
            last_failure TEXT,
            updated_at_ns INTEGER NOT NULL,
            PRIMARY KEY (endpoint, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE INDEX deliveries_due ON deliveries (endpoint, next_ns, number)
        WHERE state = 'pending'
        """,
        "CREATE INDEX deliveries_by_number ON deliveries (number)",
        """
        CREATE TABLE reminders (
            at_ns INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('override', 'trial')),
            tenant TEXT NOT NULL,
            meter TEXT NOT NULL,
            window TEXT NOT NULL,
            starts_at_ns INTEGER NOT NULL,
            ends_at_ns INTEGER NOT NULL,
            PRIMARY KEY (at_ns, kind, tenant, meter, window, starts_at_ns, ends_at_ns)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE overrides2 (
            tenant TEXT NOT NULL REFERENCES tenants (id),
            meter TEXT NOT NULL REFERENCES meters (id),
            window TEXT NOT NULL,
            starts_at_ns INTEGER NOT NULL,
            quantity INTEGER,
            multiplier_percent INTEGER,
            expires_at_ns INTEGER,
            created_at_ns INTEGER NOT NULL,
            reason TEXT,
            author TEXT,
            PRIMARY KEY (tenant, meter, window, starts_at_ns)
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO overrides2
        SELECT tenant, meter, window, 0, quantity, NULL, expires_at_ns, created_at_ns, reason, NULL
        FROM overrides
        """,
        "DROP TABLE overrides",
        "ALTER TABLE overrides2 RENAME TO overrides",
    ]
}
