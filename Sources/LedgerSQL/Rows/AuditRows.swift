package import QuotaLedger
import QuotaModel

/// The audit list as rows.
package enum AuditRows {
    package static func entry(_ row: SQLRow) -> AuditEntry {
        let tenant: String? = row["tenant"]
        return AuditEntry(
            number: row["number"],
            at: Timestamp(nanoseconds: row["at_ns"]),
            note: AuditNote(
                actor: row["actor"], action: row["action"], subject: row["subject"],
                tenant: tenant.map(TenantID.init(trusted:)), reason: row["reason"],
                details: row["details"]))
    }

    static func append(_ link: AuditLink, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO audit (
                number, at_ns, actor, action, subject, tenant, reason, details, batch, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(link.entry.number)
            row.add(link.entry.at.nanoseconds)
            row.add(link.entry.note.actor)
            row.add(link.entry.note.action)
            row.add(link.entry.note.subject)
            row.add(link.entry.note.tenant?.text)
            row.add(link.entry.note.reason)
            row.add(link.entry.note.details)
            row.add(link.batch)
            row.add(link.hash)
        }
    }
}
