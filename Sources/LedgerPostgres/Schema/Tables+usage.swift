extension Tables {
    static let usage = [
        """
        CREATE TABLE events (
            tenant text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            meter text COLLATE "C" NOT NULL,
            units bigint NOT NULL,
            overage bigint NOT NULL,
            key text COLLATE "C" NOT NULL,
            model text COLLATE "C",
            admitted_at_ns bigint NOT NULL,
            posted_at_ns bigint NOT NULL,
            adjusts_ns bigint,
            idempotency_key text COLLATE "C",
            metadata text COLLATE "C",
            PRIMARY KEY (tenant, admitted_at_ns, id, meter)
        )
        """,
        """
        CREATE TABLE hourly_usage (
            tenant text COLLATE "C" NOT NULL,
            hour_ns bigint NOT NULL,
            key text COLLATE "C" NOT NULL,
            meter text COLLATE "C" NOT NULL,
            model text COLLATE "C" NOT NULL,
            units bigint NOT NULL,
            postings bigint NOT NULL,
            PRIMARY KEY (tenant, hour_ns, key, meter, model)
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE TABLE daily_usage (
            api_key_id text COLLATE "C" NOT NULL,
            date text COLLATE "C" NOT NULL,
            tenant text COLLATE "C" NOT NULL,
            request_count bigint NOT NULL,
            last_request_at_ns bigint NOT NULL,
            PRIMARY KEY (api_key_id, date, tenant)
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE TABLE daily_meter_usage (
            date text COLLATE "C" NOT NULL,
            meter text COLLATE "C" NOT NULL,
            tenant text COLLATE "C" NOT NULL,
            units bigint NOT NULL,
            exceeded_until_ns bigint,
            PRIMARY KEY (date, meter, tenant)
        ) WITH (fillfactor = 80)
        """,
        """
        CREATE TABLE daily_meter_totals (
            date text COLLATE "C" NOT NULL,
            meter text COLLATE "C" NOT NULL,
            tenants bigint NOT NULL,
            PRIMARY KEY (date, meter)
        ) WITH (fillfactor = 50)
        """,
        """
        CREATE TABLE answers (
            number bigint PRIMARY KEY,
            tenant text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            fingerprint bytea NOT NULL,
            status bigint NOT NULL,
            headers text COLLATE "C" NOT NULL,
            body bytea NOT NULL,
            created_at_ns bigint NOT NULL,
            UNIQUE (tenant, key)
        )
        """,
        "CREATE INDEX events_of_corrections ON events (tenant, id, meter) WHERE id < 'b'",
        """
        CREATE INDEX daily_meter_usage_exceeded
        ON daily_meter_usage (date, meter, exceeded_until_ns)
        WHERE exceeded_until_ns IS NOT NULL
        """,
        "CREATE INDEX answers_by_time ON answers (created_at_ns, number)",
        // Of rows that are new, how many there are of each day and meter.
        """
        CREATE FUNCTION weir_count_days() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO daily_meter_totals (date, meter, tenants)
            SELECT date, meter, count(*) FROM added GROUP BY date, meter
            ON CONFLICT (date, meter) DO UPDATE
            SET tenants = daily_meter_totals.tenants + excluded.tenants;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER daily_meter_usage_is_counted AFTER INSERT ON daily_meter_usage
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION weir_count_days()
        """,
    ]
}
