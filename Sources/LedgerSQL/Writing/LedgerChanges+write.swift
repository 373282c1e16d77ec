import QuotaEngine
package import QuotaLedger
import QuotaModel

extension LedgerChanges {
    /// Writes everything within the open transaction.
    package func write(_ state: SQLWriterState) throws(LedgerError) {
        let sql = state.sql
        try writeDirectory(state)
        for (name, value) in settings { try put(name, value, sql) }
        for record in accounts { try AccountRows.put(record, sql) }
        for archive in archives { try AccountRows.archive(archive, sql) }
        for archive in condensed { try AccountRows.condense(archive, sql) }
        for grant in grants.values { try ReservationRows.put(grant, sql) }
        for record in holders.values { try LeaseRows.put(record, sql) }
        for lease in leases.values { try LeaseRows.put(lease, sql) }
        for id in forgottenLeases { try LeaseRows.delete(id, sql) }
        for id in forgottenHolders { try LeaseRows.delete(id, sql) }
        for (id, held) in pieces { try LeaseRows.replace(held, of: id, sql) }
        for reservation in reservations.values { try ReservationRows.put(reservation, sql) }
        for reservation in reservations.values {
            try ReservationRows.putRates(of: reservation, sql)
        }
        for reservation in reservations.values {
            try ReservationRows.putCharges(of: reservation, sql)
        }
        for (id, owner) in owners { try LeaseRows.put(owner: owner, of: id, sql) }
        for bucket in buckets.values { try put(bucket, state) }
        try writeUsage(state)
        try writeNotifications(sql)
        try writeLog(sql)
    }

    private func writeNotifications(_ sql: any SQLSession) throws(LedgerError) {
        for notification in notifications { try NotificationRows.insert(notification, sql) }
        for (id, endpoint) in endpoints {
            if let endpoint {
                try NotificationRows.put(endpoint, sql)
            } else {
                try NotificationRows.delete(id, sql)
            }
        }
        for delivery in deliveries.values { try NotificationRows.put(delivery, sql) }
        for (reminder, isKept) in reminders {
            if isKept {
                try NotificationRows.put(reminder, sql)
            } else {
                try NotificationRows.delete(reminder, sql)
            }
        }
        if let forgottenNotificationsBefore {
            try NotificationRows.forget(before: forgottenNotificationsBefore, sql)
        }
    }

    private func writeDirectory(_ state: SQLWriterState) throws(LedgerError) {
        let sql = state.sql
        for tenant in tenants.values { try DirectoryRows.put(tenant, sql) }
        for meter in meters.values { try PlanRows.put(meter, sql) }
        for key in keys.values { try DirectoryRows.put(key, sql) }
        for (id, instant) in keyUses { try DirectoryRows.touch(id, at: instant, sql) }
        for (id, plan) in plans {
            if let plan {
                try PlanRows.replace(plan, sql)
            } else {
                try PlanRows.delete(id, sql)
            }
        }
        for (id, organization) in organizations {
            if let organization {
                try OrganizationRows.put(organization, sql)
            } else {
                try OrganizationRows.delete(id, sql)
            }
        }
        for (id, override) in overrides {
            if let override {
                try OrganizationRows.put(override, sql)
            } else {
                try OrganizationRows.delete(id, sql)
            }
        }
        for link in audit { try AuditRows.append(link, sql) }
    }

    private func put(_ name: String, _ value: String?, _ sql: any SQLSession) throws(LedgerError) {
        if let value {
            try sql.run(
                """
                INSERT INTO settings (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """
            ) { row in
                row.add(name)
                row.add(value)
            }
        } else {
            try sql.run(
                "DELETE FROM settings WHERE name = ?"
            ) { row in
                row.add(name)
            }
        }
    }

    private func put(_ record: BucketRecord, _ state: SQLWriterState) throws(LedgerError) {
        try state.sql.run(
            """
            INSERT INTO buckets (
                tenant, limit_name, missing, steady_ns, wall_ns, life_ns)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant, limit_name) DO UPDATE SET
                missing = excluded.missing, steady_ns = excluded.steady_ns,
                wall_ns = excluded.wall_ns, life_ns = excluded.life_ns
            """
        ) { row in
            row.add(record.key)
            row.add(String(record.bucket.missing))
            row.add(record.bucket.updatedAt.nanoseconds)
            row.add(now.nanoseconds)
            row.add(state.life.nanoseconds)
        }
    }

    private func writeUsage(_ state: SQLWriterState) throws(LedgerError) {
        let sql = state.sql
        for event in events { try UsageRows.insert(event, sql) }
        for (key, sum) in hourly { try UsageRows.add(sum, to: key, sql) }
        for (day, growth) in keyDays { try UsageRows.add(growth, to: day, sql) }
        for (day, units) in meterDays {
            try UsageRows.add(units, to: day, exceeded: exceededUntil[day], sql)
        }
        for (day, until) in exceededUntil where meterDays[day] == nil {
            try UsageRows.setExceeded(until, day, sql)
        }
        if !answers.isEmpty {
            try UsageRows.put(orderedAnswers, from: try state.answerCount() + 1, sql)
        }
        if let forgottenAnswers {
            try sql.run(
                """
                DELETE FROM answers WHERE number IN (
                    SELECT number FROM answers WHERE created_at_ns < ?
                    ORDER BY created_at_ns, number LIMIT ?)
                """
            ) { row in
                row.add(forgottenAnswers.before.nanoseconds)
                row.add(Int64(ForgottenAnswers.maximum))
            }
            try sql.run(
                """
                DELETE FROM answers WHERE number IN (
                    SELECT number FROM answers
                    WHERE number <= (SELECT max(number) FROM answers) - ?
                    ORDER BY number LIMIT ?)
                """
            ) { row in
                row.add(Int64(forgottenAnswers.keeping))
                row.add(Int64(ForgottenAnswers.maximum))
            }
        }
    }

    private func writeLog(_ sql: any SQLSession) throws(LedgerError) {
        if let batch {
            try sql.run(
                "INSERT INTO entry_batches (number, committed_at_ns, hash) VALUES (?, ?, ?)"
            ) { row in
                row.add(batch.number)
                row.add(batch.committedAt.nanoseconds)
                row.add(batch.hash)
            }
            for (position, entry) in batch.entries.enumerated() {
                try sql.run(
                    """
                    INSERT INTO entries (
                        batch, position, tenant, limit_name, period_start_ns,
                        capacity, available, escrowed, suspect, posted)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
                ) { row in
                    row.add(batch.number)
                    row.add(Int64(position))
                    row.add(entry.account)
                    row.add(entry.capacity)
                    row.add(entry.available)
                    row.add(entry.escrowed)
                    row.add(entry.suspect)
                    row.add(entry.posted)
                }
            }
        }
        try sql.run(
            """
            UPDATE head SET
                transactions = ?, revision = ?, batch = ?, hash = ?, audit = ?, audit_hash = ?,
                notifications = ?
            """
        ) { row in
            row.add(transaction)
            row.add(head.revision)
            row.add(head.batch)
            row.add(head.hash)
            row.add(head.audit)
            row.add(head.auditHash)
            row.add(head.notifications)
        }
    }
}
