import CPostgres

/// Where a database is, as libpq reads it: a URL `postgres://user@host/database?sslmode=…`, or
/// `key=value` words.
///
/// What is missing is taken from the environment (`PGHOST`, `PGPASSWORD` …), as by `psql`.
package struct PostgresAddress: Hashable, Sendable, CustomStringConvertible {
    /// What libpq is given, with the password.
    let text: String
    /// What may be shown: user, host, port and database.
    package let description: String

    /// Reads an address.
    ///
    /// - Parameter text: the URL.
    /// - Throws: `address`, with what libpq says of it but never the password.
    package init(_ text: String) throws(PostgresError) {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &complaint) else {
            let said = complaint.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(complaint)
            // libpq may quote what it could not read.
            let isSafe = !text.contains("@") && !text.contains("password")
            throw PostgresError(
                .address,
                "the address of the database can't be read"
                    + (isSafe ? ": \(said.trimmed)" : "")
                    + "; write postgres://user:password@host:5432/database")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        self.text = text
        let user = values["user"].map { $0 + "@" } ?? ""
        let host = values["host"] ?? values["hostaddr"] ?? "localhost"
        let port = values["port"].map { ":" + $0 } ?? ""
        description = "postgres://\(user)\(host)\(port)/\(values["dbname"] ?? "")"
    }
}

extension String {
    /// Without the white space that libpq ends its messages with.
    var trimmed: String {
        var end = self[...]
        while end.last?.isWhitespace == true { end.removeLast() }
        return end.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}
