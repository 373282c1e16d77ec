extension Tables {
    static let log =
        [
            """
            CREATE TABLE entry_batches (
                number bigint PRIMARY KEY,
                committed_at_ns bigint NOT NULL,
                hash bytea NOT NULL
            )
            """,
            """
            CREATE TABLE entries (
                batch bigint NOT NULL,
                position bigint NOT NULL,
                tenant text COLLATE "C" NOT NULL,
                limit_name text COLLATE "C" NOT NULL,
                period_start_ns bigint NOT NULL,
                capacity bigint NOT NULL,
                available bigint NOT NULL,
                escrowed bigint NOT NULL,
                suspect bigint NOT NULL,
                posted bigint NOT NULL,
                PRIMARY KEY (batch, position)
            )
            """,
            """
            CREATE TABLE audit (
                number bigint PRIMARY KEY,
                at_ns bigint NOT NULL,
                actor text COLLATE "C" NOT NULL,
                action text COLLATE "C" NOT NULL,
                subject text COLLATE "C" NOT NULL,
                tenant text COLLATE "C",
                reason text COLLATE "C",
                details text COLLATE "C",
                batch bigint NOT NULL,
                hash bytea NOT NULL
            )
            """,
            """
            CREATE TABLE notifications (
                number bigint PRIMARY KEY,
                kind text COLLATE "C" NOT NULL,
                at_ns bigint NOT NULL,
                tenant text COLLATE "C",
                organization text COLLATE "C",
                limit_name text COLLATE "C",
                meter text COLLATE "C",
                "window" text COLLATE "C",
                quantity bigint,
                used bigint,
                percent bigint,
                period_start_ns bigint,
                period_end_ns bigint,
                plan text COLLATE "C",
                ends_at_ns bigint
            )
            """,
            """
            CREATE TABLE webhooks (
                id text COLLATE "C" PRIMARY KEY,
                url text COLLATE "C" NOT NULL,
                kinds text COLLATE "C" NOT NULL,
                tenant text COLLATE "C",
                status text COLLATE "C" NOT NULL,
                failure text COLLATE "C",
                secret_version bigint NOT NULL,
                pepper_version bigint NOT NULL,
                previous_until_ns bigint,
                created_at_ns bigint NOT NULL
            )
            """,
            """
            CREATE TABLE deliveries (
                endpoint text COLLATE "C" NOT NULL,
                number bigint NOT NULL,
                state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
                attempts bigint NOT NULL,
                next_ns bigint,
                last_status bigint,
                last_failure text COLLATE "C",
                updated_at_ns bigint NOT NULL,
                PRIMARY KEY (endpoint, number)
            )
            """,
            """
            CREATE TABLE reminders (
                at_ns bigint NOT NULL,
                kind text COLLATE "C" NOT NULL CHECK (kind IN ('override', 'trial')),
                tenant text COLLATE "C" NOT NULL,
                meter text COLLATE "C" NOT NULL,
                "window" text COLLATE "C" NOT NULL,
                starts_at_ns bigint NOT NULL,
                ends_at_ns bigint NOT NULL,
                PRIMARY KEY (at_ns, kind, tenant, meter, "window", starts_at_ns, ends_at_ns)
            )
            """,
            "CREATE INDEX audit_by_tenant ON audit (tenant, number) WHERE tenant IS NOT NULL",
            "CREATE INDEX audit_by_subject ON audit (subject, number)",
            """
            CREATE INDEX notifications_by_tenant ON notifications (tenant, number)
            WHERE tenant IS NOT NULL
            """,
            "CREATE INDEX notifications_by_time ON notifications (at_ns)",
            "CREATE INDEX deliveries_by_number ON deliveries (number)",
            """
            CREATE INDEX deliveries_due ON deliveries (endpoint, next_ns, number)
            WHERE state = 'pending'
            """,
            """
            CREATE FUNCTION weir_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME; END $$
            """,
        ]
        + ["entry_batches", "entries", "audit"]
        .map { table in
            """
            CREATE TRIGGER \(table)_are_never_changed
            BEFORE UPDATE OR DELETE OR TRUNCATE ON \(table)
            FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse()
            """
        }
}
