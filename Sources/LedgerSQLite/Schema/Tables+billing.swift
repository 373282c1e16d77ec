extension Tables {
    /// What bills need: rollovers, what accounts have beside their limit, and when that expires.
    static let billing = [
        "ALTER TABLE limits ADD COLUMN rollover TEXT",
        "ALTER TABLE limits ADD COLUMN thresholds TEXT",
        "ALTER TABLE accounts RENAME COLUMN carried TO extra",
        "ALTER TABLE accounts DROP COLUMN carries_unused",
        "ALTER TABLE accounts ADD COLUMN terms TEXT",
        "ALTER TABLE accounts ADD COLUMN next_expiry_ns INTEGER",
        """
        CREATE INDEX accounts_by_expiry ON accounts (next_expiry_ns)
        WHERE next_expiry_ns IS NOT NULL
        """,
        "ALTER TABLE archives RENAME COLUMN carried TO extra",
        "ALTER TABLE archives DROP COLUMN carries_unused",
        "ALTER TABLE archives ADD COLUMN terms TEXT",
        "ALTER TABLE tenants ADD COLUMN plan_steps TEXT",
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
