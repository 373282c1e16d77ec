/// Why PostgreSQL did not do what it was asked.
package struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What has failed.
    package enum Kind: Hashable, Sendable {
        /// No connection could be made.
        case unreachable
        /// The connection broke, or was silent for too long, while something was under way: nobody
        /// knows whether it was done.
        case lost
        /// The server refused it, with the five characters of its `SQLSTATE`.
        case refused(String)
        /// The address can't be read.
        case address
    }

    /// What has failed.
    package let kind: Kind
    /// What happened, for people; never with a password.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The server's `SQLSTATE`, where it answered with one.
    package var state: String? {
        guard case .refused(let state) = kind else { return nil }
        return state
    }
}
