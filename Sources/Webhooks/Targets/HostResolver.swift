/// What knows the addresses of host names.
package protocol HostResolver: Sendable {
    /// The addresses of a host, the best one first, within a bounded time.
    ///
    /// - Parameter host: a name or an address in any spelling, without brackets.
    /// - Returns: all of its addresses.
    /// - Throws: ``HostResolverError`` when they can't be told.
    func addresses(of host: String) async throws(HostResolverError) -> [IPAddress]
}

/// Why the addresses of a host can't be told.
package enum HostResolverError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such host, or no answer; with the words of the system.
    case failed(String)
    /// There was no answer in time.
    case timedOut
    /// Too many other names are waiting.
    case busy

    /// The reason for people.
    package var description: String {
        switch self {
        case .failed(let words): words
        case .timedOut: "there was no answer in time"
        case .busy: "too many names are being looked up"
        }
    }
}
