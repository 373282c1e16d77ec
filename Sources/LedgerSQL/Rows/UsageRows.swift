import QuotaLedger
import QuotaModel

/// Events, sums and kept answers as rows.
enum UsageRows {
    static func insert(_ event: UsageEvent, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO events (
                tenant, id, meter, units, overage, key, model, admitted_at_ns, posted_at_ns,
                adjusts_ns, idempotency_key, metadata)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(event.tenant.text)
            row.add(event.id)
            row.add(event.meter.text)
            row.add(event.units)
            row.add(event.overage)
            row.add(event.key.text)
            row.add(event.model?.text)
            row.add(event.admittedAt.nanoseconds)
            row.add(event.postedAt.nanoseconds)
            row.add(event.adjusts?.nanoseconds)
            row.add(event.idempotencyKey?.text)
            row.add(event.metadata)
        }
    }

    static func event(_ row: SQLRow) -> UsageEvent {
        let model: String? = row["model"]
        let adjusts: Int64? = row["adjusts_ns"]
        let idempotencyKey: String? = row["idempotency_key"]
        return UsageEvent(
            tenant: TenantID(trusted: row["tenant"]),
            id: row["id"],
            meter: MeterID(trusted: row["meter"]),
            units: row["units"],
            overage: row["overage"],
            key: APIKeyID(trusted: row["key"]),
            model: model.map(ModelName.init(trusted:)),
            admittedAt: Timestamp(nanoseconds: row["admitted_at_ns"]),
            postedAt: Timestamp(nanoseconds: row["posted_at_ns"]),
            adjusts: adjusts.map(Timestamp.init(nanoseconds:)),
            idempotencyKey: idempotencyKey.map(ExactString.init),
            metadata: row["metadata"])
    }

    static func add(_ sum: UsageSum, to key: HourlyUsageKey, _ sql: any SQLSession)
        throws(LedgerError)
    {
        try sql.run(
            """
            INSERT INTO hourly_usage (tenant, hour_ns, key, meter, model, units, postings)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant, hour_ns, key, meter, model) DO UPDATE SET
                units = CASE
                    WHEN excluded.units > 0
                        AND hourly_usage.units > 9223372036854775807 - excluded.units
                    THEN 9223372036854775807 ELSE hourly_usage.units + excluded.units END,
                postings = CASE
                    WHEN excluded.postings > 0
                        AND hourly_usage.postings > 9223372036854775807 - excluded.postings
                    THEN 9223372036854775807 ELSE hourly_usage.postings + excluded.postings END
            """
        ) { row in
            row.add(key.tenant.text)
            row.add(key.hour.nanoseconds)
            row.add(key.key.text)
            row.add(key.meter.text)
            row.add(key.model?.text ?? "")
            row.add(sum.units)
            row.add(sum.postings)
        }
    }

    static func hour(_ row: SQLRow) -> (HourlyUsageKey, UsageSum) {
        let model: String = row["model"]
        let key = HourlyUsageKey(
            tenant: TenantID(trusted: row["tenant"]),
            key: APIKeyID(trusted: row["key"]),
            meter: MeterID(trusted: row["meter"]),
            model: model.isEmpty ? nil : ModelName(trusted: model),
            hour: Timestamp(nanoseconds: row["hour_ns"]))
        return (key, UsageSum(units: row["units"], postings: row["postings"]))
    }

    /// A key's day; nil when its date can't be read.
    static func day(_ row: SQLRow) -> KeyDayUsage? {
        guard let date = CivilDate(row["date"] as String) else { return nil }
        return KeyDayUsage(
            day: KeyDay(
                key: APIKeyID(trusted: row["api_key_id"]), date: date,
                tenant: TenantID(trusted: row["tenant"])),
            requestCount: row["request_count"],
            lastRequestAt: Timestamp(nanoseconds: row["last_request_at_ns"]))
    }

    static func add(_ growth: RequestCount, to day: KeyDay, _ sql: any SQLSession)
        throws(LedgerError)
    {
        try sql.run(
            """
            INSERT INTO daily_usage (api_key_id, date, tenant, request_count, last_request_at_ns)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (api_key_id, date, tenant) DO UPDATE SET
                request_count = CASE
                    WHEN excluded.request_count > 0
                        AND daily_usage.request_count > 9223372036854775807 - excluded.request_count
                    THEN 9223372036854775807
                    ELSE daily_usage.request_count + excluded.request_count END,
                last_request_at_ns = CASE
                    WHEN daily_usage.last_request_at_ns > excluded.last_request_at_ns
                    THEN daily_usage.last_request_at_ns ELSE excluded.last_request_at_ns END
            """
        ) { row in
            row.add(day.key.text)
            row.add(day.date.description)
            row.add(day.tenant.text)
            row.add(growth.requests)
            row.add(growth.last.nanoseconds)
        }
    }

    private static let addingUnits: StaticString = """
        INSERT INTO daily_meter_usage (date, meter, tenant, units, exceeded_until_ns)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (date, meter, tenant) DO UPDATE SET
            units = CASE
                WHEN excluded.units > 0
                        AND daily_meter_usage.units > 9223372036854775807 - excluded.units
                    THEN 9223372036854775807 ELSE daily_meter_usage.units + excluded.units END
        """
    private static let addingUnitsAndExceeded: StaticString = """
        INSERT INTO daily_meter_usage (date, meter, tenant, units, exceeded_until_ns)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (date, meter, tenant) DO UPDATE SET
            units = CASE
                WHEN excluded.units > 0
                        AND daily_meter_usage.units > 9223372036854775807 - excluded.units
                    THEN 9223372036854775807 ELSE daily_meter_usage.units + excluded.units END,
            exceeded_until_ns = excluded.exceeded_until_ns
        """

    /// Adds units to a day; `exceeded` replaces until when a budget is used up, nil leaves it.
    static func add(
        _ units: Int64,
        to day: MeterDay,
        exceeded: Timestamp??,
        _ sql: any SQLSession
    ) throws(LedgerError) {
        try sql.run(exceeded == nil ? addingUnits : addingUnitsAndExceeded) { row in
            row.add(day.date.description)
            row.add(day.meter.text)
            row.add(day.tenant.text)
            row.add(units)
            row.add((exceeded ?? nil)?.nanoseconds)
        }
    }

    static func setExceeded(_ until: Timestamp?, _ day: MeterDay, _ sql: any SQLSession)
        throws(LedgerError)
    {
        try sql.run(
            """
            UPDATE daily_meter_usage SET exceeded_until_ns = ?
            WHERE date = ? AND meter = ? AND tenant = ? AND exceeded_until_ns IS DISTINCT FROM ?
            """
        ) { row in
            row.add(until?.nanoseconds)
            row.add(day.date.description)
            row.add(day.meter.text)
            row.add(day.tenant.text)
            row.add(until?.nanoseconds)
        }
    }

    /// Keeps answers in order, from a number on, in the place of those that were kept under the
    /// same keys.
    static func put(
        _ records: [IdempotencyRecord],
        from number: Int64,
        _ sql: any SQLSession
    ) throws(LedgerError) {
        // A key whose answer is no longer kept may be used again.
        for record in records {
            try sql.run(
                "DELETE FROM answers WHERE tenant = ? AND key = ?"
            ) { row in
                row.add(record.id.tenant.text)
                row.add(record.id.key.text)
            }
        }
        for (index, record) in records.enumerated() {
            try insert(record, number: number + Int64(index), sql)
        }
    }

    private static func insert(
        _ record: IdempotencyRecord,
        number: Int64,
        _ sql: any SQLSession
    ) throws(LedgerError) {
        let headers = record.answer.headers.map { "\($0.key): \($0.value)" }.sorted()
        try sql.run(
            """
            INSERT INTO answers (
                number, tenant, key, fingerprint, status, headers, body, created_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(number)
            row.add(record.id.tenant.text)
            row.add(record.id.key.text)
            row.add(record.fingerprint)
            row.add(Int64(record.answer.status))
            row.add(headers.joined(separator: "\n"))
            row.add(record.answer.body)
            row.add(record.createdAt.nanoseconds)
        }
    }

    static func answer(_ row: SQLRow) -> IdempotencyRecord {
        let tenant: String = row["tenant"]
        let key: String = row["key"]
        let fingerprint: [UInt8] = row["fingerprint"]
        let status: Int = row["status"]
        let headers: String = row["headers"]
        let body: [UInt8] = row["body"]
        return IdempotencyRecord(
            id: IdempotencyID(tenant: TenantID(trusted: tenant), key: ExactString(key)),
            fingerprint: fingerprint,
            answer: StoredAnswer(
                status: status, headers: parsed(headers), body: body),
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]))
    }

    private static func parsed(_ lines: String) -> [String: String] {
        var headers: [String: String] = [:]
        for line in lines.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[String(line[..<colon])] = String(line[colon...].dropFirst(2))
        }
        return headers
    }
}
