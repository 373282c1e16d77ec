/// The tables of the ledger, as they are in SQLite.
///
/// Times are nanoseconds since 1970-01-01T00:00:00Z, dates are `YYYY-MM-DD` in UTC. Texts are
/// compared byte by byte. Of what changes again and again, each page has room for new versions of
/// its rows.
enum Tables {
    static let version1 = directory + accounts + usage + log

    static let directory = [
        """
        CREATE TABLE head (
            "only" bigint PRIMARY KEY CHECK ("only" = 1),
            revision bigint NOT NULL,
            batch bigint NOT NULL,
            hash bytea NOT NULL,
            audit bigint NOT NULL,
            audit_hash bytea NOT NULL,
            transactions bigint NOT NULL DEFAULT 0,
            notifications bigint NOT NULL DEFAULT 0,
            steady_ns bigint NOT NULL DEFAULT 0,
            wall_ns bigint NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50)
        """,
        """
        CREATE TABLE settings (
            name text COLLATE "C" PRIMARY KEY,
            value text COLLATE "C" NOT NULL
        )
        """,
        """
        CREATE TABLE meters (
            id text COLLATE "C" PRIMARY KEY,
            kind text COLLATE "C" NOT NULL,
            recording text COLLATE "C" NOT NULL
        )
        """,
        """
        CREATE TABLE tenants (
            id text COLLATE "C" PRIMARY KEY,
            name text COLLATE "C" NOT NULL,
            plan text COLLATE "C" NOT NULL,
            organization text COLLATE "C",
            time_zone text COLLATE "C" NOT NULL,
            billing_anchor text COLLATE "C",
            billing_interval text COLLATE "C" NOT NULL,
            status text COLLATE "C" NOT NULL,
            currency text COLLATE "C" NOT NULL,
            created_at_ns bigint NOT NULL,
            revision bigint NOT NULL,
            plan_steps text COLLATE "C",
            billing_boundaries text COLLATE "C"
        )
        """,
        """
        CREATE TABLE organizations (
            id text COLLATE "C" PRIMARY KEY,
            name text COLLATE "C" NOT NULL,
            time_zone text COLLATE "C" NOT NULL,
            billing_anchor text COLLATE "C",
            billing_interval text COLLATE "C" NOT NULL,
            created_at_ns bigint NOT NULL,
            revision bigint NOT NULL,
            billing_boundaries text COLLATE "C"
        )
        """,
        """
        CREATE TABLE api_keys (
            id text COLLATE "C" PRIMARY KEY,
            tenant text COLLATE "C" REFERENCES tenants (id),
            name text COLLATE "C" NOT NULL,
            status text COLLATE "C" NOT NULL,
            is_test bigint NOT NULL,
            created_at_ns bigint NOT NULL,
            expires_at_ns bigint,
            last_used_at_ns bigint,
            revision bigint NOT NULL,
            public_id text COLLATE "C" NOT NULL UNIQUE,
            digest bytea NOT NULL,
            pepper_version bigint NOT NULL,
            previous_digest bytea,
            previous_pepper_version bigint,
            previous_expires_at_ns bigint
        )
        """,
        """
        CREATE TABLE plans (
            id text COLLATE "C" PRIMARY KEY,
            name text COLLATE "C" NOT NULL,
            weight bigint NOT NULL,
            revision bigint NOT NULL
        )
        """,
        """
        CREATE TABLE limits (
            owner_kind text COLLATE "C" NOT NULL CHECK (owner_kind IN ('plan', 'key',
                'organization')),
            owner text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            meter text COLLATE "C" NOT NULL REFERENCES meters (id),
            scope text COLLATE "C" NOT NULL CHECK (scope IN ('organization', 'tenant', 'key',
                'model')),
            model text COLLATE "C",
            "window" text COLLATE "C" NOT NULL,
            quantity bigint,
            burst bigint,
            soft_percent bigint NOT NULL,
            warns bigint NOT NULL,
            mode text COLLATE "C" NOT NULL,
            on_unavailable text COLLATE "C" NOT NULL,
            on_unavailable_cap bigint,
            rollover text COLLATE "C",
            thresholds text COLLATE "C",
            PRIMARY KEY (owner_kind, owner, position)
        )
        """,
        """
        CREATE TABLE overrides (
            tenant text COLLATE "C" NOT NULL REFERENCES tenants (id),
            meter text COLLATE "C" NOT NULL REFERENCES meters (id),
            "window" text COLLATE "C" NOT NULL,
            starts_at_ns bigint NOT NULL,
            quantity bigint,
            multiplier_percent bigint,
            expires_at_ns bigint,
            created_at_ns bigint NOT NULL,
            reason text COLLATE "C",
            author text COLLATE "C",
            PRIMARY KEY (tenant, meter, "window", starts_at_ns)
        )
        """,
        """
        CREATE INDEX tenants_by_organization ON tenants (organization, id)
        WHERE organization IS NOT NULL
        """,
        "CREATE INDEX api_keys_by_tenant ON api_keys (tenant, id)",
        "CREATE INDEX tenants_with_steps ON tenants (id) WHERE plan_steps IS NOT NULL",
        "CREATE INDEX tenants_by_plan ON tenants (plan)",
        // Which transaction each running ledger committed last: whoever has lost the answer to a
        // commit looks here.
        """
        CREATE TABLE writers (
            id text COLLATE "C" PRIMARY KEY,
            transaction bigint NOT NULL,
            wall_ns bigint NOT NULL
        ) WITH (fillfactor = 50)
        """,
    ]
}
