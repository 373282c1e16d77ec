extension Tables {
    /// What administration needs: organizations, overrides, service keys, rotation, the audit
    /// list, and indexes for its lists.
    static let version2 = directory2 + limits2 + keys2 + usage2 + audit

    private static let directory2 = [
        """
        CREATE INDEX tenants_by_organization ON tenants (organization, id)
        WHERE organization IS NOT NULL
        """,
        """
        CREATE TABLE organizations (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            time_zone TEXT NOT NULL,
            billing_anchor TEXT,
            billing_interval TEXT NOT NULL,
            created_at_ns INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE overrides (
            tenant TEXT NOT NULL REFERENCES tenants (id),
            meter TEXT NOT NULL REFERENCES meters (id),
            window TEXT NOT NULL,
            quantity INTEGER,
            expires_at_ns INTEGER,
            created_at_ns INTEGER NOT NULL,
            reason TEXT,
            PRIMARY KEY (tenant, meter, window)
        ) STRICT, WITHOUT ROWID
        """,
        // The revision that limits are compiled from has room below for overrides that expire.
        "UPDATE accounts SET limit_revision = limit_revision * 65536",
    ]

    private static let limits2 = [
        """
        CREATE TABLE limits2 (
            owner_kind TEXT NOT NULL CHECK (owner_kind IN ('plan', 'key', 'organization')),
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
        "INSERT INTO limits2 SELECT * FROM limits",
        "DROP TABLE limits",
        "ALTER TABLE limits2 RENAME TO limits",
    ]

    /// A service key belongs to no tenant.
    private static let keys2 = [
        """
        CREATE TABLE api_keys2 (
            id TEXT PRIMARY KEY NOT NULL,
            tenant TEXT REFERENCES tenants (id),
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            is_test INTEGER NOT NULL,
            created_at_ns INTEGER NOT NULL,
            expires_at_ns INTEGER,
            last_used_at_ns INTEGER,
            revision INTEGER NOT NULL,
            public_id TEXT NOT NULL UNIQUE,
            digest BLOB NOT NULL,
            pepper_version INTEGER NOT NULL,
            previous_digest BLOB,
            previous_pepper_version INTEGER,
            previous_expires_at_ns INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO api_keys2 (
            id, tenant, name, status, is_test, created_at_ns, expires_at_ns, revision, public_id,
            digest, pepper_version)
        SELECT id, tenant, name, status, is_test, created_at_ns, expires_at_ns, revision,
            public_id, digest, pepper_version FROM api_keys
        """,
        "DROP TABLE api_keys",
        "ALTER TABLE api_keys2 RENAME TO api_keys",
        "CREATE INDEX api_keys_by_tenant ON api_keys (tenant, id)",
    ]

    private static let usage2 = [
        // Events in the order of time: an index beside them would cost each posting as much again.
        """
        CREATE TABLE events2 (
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
            PRIMARY KEY (tenant, admitted_at_ns, id, meter)
        ) STRICT, WITHOUT ROWID
        """,
        "INSERT INTO events2 SELECT * FROM events",
        "DROP TABLE events",
        "ALTER TABLE events2 RENAME TO events",
        // Corrections and imports are looked up by their ids, which begin with an a.
        "CREATE INDEX events_of_corrections ON events (tenant, id, meter) WHERE id < 'b'",
        "CREATE INDEX reservations_held_by_tenant ON reservations (tenant) WHERE state = 'held'",
        """
        CREATE INDEX grants_suspect ON grants (holder, incarnation, sequence)
        WHERE state = 'suspect'
        """,
        // Hourly sums are kept of every counter now; those of single events are made up for.
        """
        INSERT INTO hourly_usage (tenant, hour_ns, key, meter, model, units, postings)
        SELECT tenant, admitted_at_ns - admitted_at_ns % 3600000000000, key, meter,
            ifnull(model, ''), sum(units), count(*)
        FROM events JOIN meters ON meters.id = meter
        WHERE meters.recording = 'event' AND meters.kind = 'counter'
        GROUP BY 1, 2, 3, 4, 5
        """,
        """
        CREATE TABLE daily_meter_totals (
            date TEXT NOT NULL,
            meter TEXT NOT NULL,
            tenants INTEGER NOT NULL,
            PRIMARY KEY (date, meter)
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO daily_meter_totals
        SELECT date, meter, count(*) FROM daily_meter_usage GROUP BY date, meter
        """,
        """
        CREATE TRIGGER daily_meter_usage_is_counted AFTER INSERT ON daily_meter_usage
        BEGIN
            INSERT INTO daily_meter_totals (date, meter, tenants) VALUES (NEW.date, NEW.meter, 1)
            ON CONFLICT (date, meter) DO UPDATE SET tenants = tenants + 1;
        END
        """,
        """
        CREATE INDEX daily_meter_usage_exceeded
        ON daily_meter_usage (date, meter, exceeded_until_ns) WHERE exceeded_until_ns IS NOT NULL
        """,
    ]

    private static let audit = [
        """
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY,
            at_ns INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            tenant TEXT,
            reason TEXT,
            details TEXT
        ) STRICT
        """,
        "CREATE INDEX audit_by_tenant ON audit (tenant, number) WHERE tenant IS NOT NULL",
        "CREATE INDEX audit_by_subject ON audit (subject, number)",
        """
        CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit entries are never updated'); END
        """,
        """
        CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END
        """,
    ]
}
