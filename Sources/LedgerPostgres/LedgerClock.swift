package import QuotaModel

/// Where the time of transactions comes from.
package enum LedgerClock: Sendable {
    /// The database, whose clock all nodes share.
    case database
    /// A clock that is set by hand, steady as it is.
    case manual(@Sendable () -> Timestamp)

    var isManual: Bool {
        if case .manual = self { true } else { false }
    }
}
