extension Tables {
    /// The audit list with a chain like that of the entries; its head stands beside theirs.
    static let version3 = [
        """
        CREATE TABLE head2 (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            revision INTEGER NOT NULL,
            batch INTEGER NOT NULL,
            hash BLOB NOT NULL,
            audit INTEGER NOT NULL,
            audit_hash BLOB NOT NULL
        ) STRICT
        """,
        "INSERT INTO head2 SELECT only, revision, batch, hash, 0, zeroblob(32) FROM head",
        "DROP TABLE head",
        "ALTER TABLE head2 RENAME TO head",
        """
        CREATE TABLE audit2 (
            number INTEGER PRIMARY KEY,
            at_ns INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            tenant TEXT,
            reason TEXT,
            details TEXT,
            batch INTEGER NOT NULL,
            hash BLOB NOT NULL
        ) STRICT
        """,
    ]

    /// What follows once the rows of `audit` are chained in `audit2`.
    static let version3End = [
        "DROP TABLE audit",
        "ALTER TABLE audit2 RENAME TO audit",
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
