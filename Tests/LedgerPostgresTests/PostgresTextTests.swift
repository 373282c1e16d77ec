@testable import LedgerPostgres
import PostgresWire
import Testing

@Suite("What PostgreSQL is told")
struct PostgresTextTests {
    @Test(
        "parameters are numbered, reserved names quoted, hints left out",
        arguments: [
            ("SELECT * FROM t WHERE a = ? AND b > ?", "SELECT * FROM t WHERE a = $1 AND b > $2"),
            (
                "SELECT window FROM overrides WHERE (tenant, window) > (?, ?)",
                "SELECT \"window\" FROM overrides WHERE (tenant, \"window\") > ($1, $2)"
            ),
            ("SELECT window_ns, only FROM head", "SELECT window_ns, \"only\" FROM head"),
            (
                "SELECT * FROM events INDEXED BY some_index WHERE unlikely(id = ?)",
                "SELECT * FROM events WHERE (id = $1)"
            ),
        ])
    func single(_ text: String, _ expected: String) {
        let types = text.filter { $0 == "?" }.map { _ in PostgresType.text }
        #expect(PostgresText(text, types: types).single == expected)
    }

    @Test("one row to insert becomes as many as there are")
    func batched() {
        let text = PostgresText(
            """
            INSERT INTO t (a, b)
            VALUES (?, ?)
            ON CONFLICT (a) DO UPDATE SET b = excluded.b
            """, types: [.integer, .text])
        #expect(
            text.batched
                == "INSERT INTO t (a, b) SELECT * FROM unnest($1::bigint[], $2::text[]) "
                + "ON CONFLICT (a) DO UPDATE SET b = excluded.b")
    }

    @Test(
        "anything else stays as it is",
        arguments: [
            "DELETE FROM t WHERE a = ?", "UPDATE t SET a = ?",
            "INSERT INTO t (a, b) VALUES (?, 1)",
            "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET b = ?",
        ])
    func notBatched(_ text: String) {
        let types = text.filter { $0 == "?" }.map { _ in PostgresType.integer }
        #expect(PostgresText(text, types: types).batched == nil)
    }
}
