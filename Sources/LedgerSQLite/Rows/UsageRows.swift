import Foundation
import GRDB
import QuotaLedger
import QuotaModel

/// Events, sums and kept answers as rows.
enum UsageRows {
    static func insert(_ event: UsageEvent, _ sql: SQL) throws {
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

    static func event(_ row: Row) -> UsageEvent {
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

    static func add(_ sum: UsageSum, to key: HourlyUsageKey, _ sql: SQL) throws {
        try sql.run(
            """
            INSERT INTO hourly_usage (tenant, hour_ns, key, meter, model, units, postings)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant, hour_ns, key, meter, model) DO UPDATE SET
                units = iif(
                    units > 9223372036854775807 - excluded.units, 9223372036854775807,
                    units + excluded.units),
                postings = iif(
                    postings > 9223372036854775807 - excluded.postings, 9223372036854775807,
                    postings + excluded.postings)
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

    static func add(_ growth: RequestCount, to day: KeyDay, _ sql: SQL) throws {
        try sql.run(
            """
            INSERT INTO daily_usage (api_key_id, date, tenant, request_count, last_request_at_ns)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (api_key_id, date, tenant) DO UPDATE SET
                request_count = iif(
                    request_count > 9223372036854775807 - excluded.request_count,
                    9223372036854775807, request_count + excluded.request_count),
                last_request_at_ns = max(last_request_at_ns, excluded.last_request_at_ns)
            """
        ) { row in
            row.add(day.key.text)
            row.add(day.date.description)
            row.add(day.tenant.text)
            row.add(growth.requests)
            row.add(growth.last.nanoseconds)
        }
    }

    /// Adds units to a day; `exceeded` replaces until when a budget is used up, nil leaves it.
    static func add(
        _ units: Int64,
        to day: MeterDay,
        exceeded: Timestamp??,
        _ sql: SQL
    ) throws {
        try sql.run(
            """
            INSERT INTO daily_meter_usage (date, meter, tenant, units, exceeded_until_ns)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (date, meter, tenant) DO UPDATE SET
                units = iif(
                    units > 9223372036854775807 - excluded.units, 9223372036854775807,
                    units + excluded.units),
                exceeded_until_ns = iif(?, excluded.exceeded_until_ns, exceeded_until_ns)
            """
        ) { row in
            row.add(day.date.description)
            row.add(day.meter.text)
            row.add(day.tenant.text)
            row.add(units)
            row.add((exceeded ?? nil)?.nanoseconds)
            row.add(exceeded != nil)
        }
    }

    static func setExceeded(_ until: Timestamp?, _ day: MeterDay, _ sql: SQL) throws {
        try sql.run(
            """
            UPDATE daily_meter_usage SET exceeded_until_ns = ?
            WHERE date = ? AND meter = ? AND tenant = ? AND exceeded_until_ns IS NOT ?
            """
        ) { row in
            row.add(until?.nanoseconds)
            row.add(day.date.description)
            row.add(day.meter.text)
            row.add(day.tenant.text)
            row.add(until?.nanoseconds)
        }
    }

    static func put(_ record: IdempotencyRecord, _ sql: SQL) throws {
        let headers = record.answer.headers.map { "\($0.key): \($0.value)" }.sorted()
        // A key whose answer is no longer kept may be used again.
        try sql.run(
            """
            INSERT OR REPLACE INTO answers (
                tenant, key, fingerprint, status, headers, body, created_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(record.id.tenant.text)
            row.add(record.id.key.text)
            row.add(record.fingerprint)
            row.add(Int64(record.answer.status))
            row.add(headers.joined(separator: "\n"))
            row.add(record.answer.body)
            row.add(record.createdAt.nanoseconds)
        }
    }

    static func answer(_ row: Row) -> IdempotencyRecord {
        let tenant: String = row["tenant"]
        let key: String = row["key"]
        let fingerprint: Data = row["fingerprint"]
        let status: Int = row["status"]
        let headers: String = row["headers"]
        let body: Data = row["body"]
        return IdempotencyRecord(
            id: IdempotencyID(tenant: TenantID(trusted: tenant), key: ExactString(key)),
            fingerprint: Array(fingerprint),
            answer: StoredAnswer(
                status: status, headers: parsed(headers), body: Array(body)),
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
