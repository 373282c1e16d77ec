public import QuotaModel

/// When the account of a period opens, stops granting, and closes.
///
/// `open → closing → closed`. Nothing here is a job: what is due follows from the time alone.
public enum AccountLifecycle {
    /// How long after its period's end an account waits for settlements: 15 minutes, in
    /// nanoseconds.
    public static let graceNanoseconds: Int64 = 15 * 60 * 1_000_000_000

    /// Which account a request uses.
    public enum Choice: Hashable, Sendable {
        /// The newest account there is.
        case current
        /// A new account for this period.
        case open(Period)
    }

    /// Chooses between the newest account and a new one.
    ///
    /// A newest account whose period has not ended is used even when its period begins later than
    /// `now`: a clock that steps back does not reopen what is over. A new period begins no earlier
    /// than the old one ends, so that periods tile when zone or anchor have changed.
    ///
    /// - Parameters:
    ///   - current: the period of the newest account; nil when there is none.
    ///   - calendar: the calendar's period that contains the later of `now` and the end of
    ///     `current`.
    ///   - now: the ledger's time.
    /// - Returns: the account to use.
    public static func choose(
        current: Period?,
        calendar: Period,
        now: Timestamp
    ) -> Choice {
        guard let current else { return .open(calendar) }
        if now < current.end { return .current }
        let start = max(calendar.start, current.end)
        return .open(Period(start: start, end: calendar.end, index: calendar.index))
    }

    /// The state that an account should have at an instant.
    public static func state(
        of account: Account,
        period: Period,
        now: Timestamp
    ) -> Account.State {
        if account.state == .closed || now < period.end { return account.state }
        if !account.hasOutstandingGrants { return .closed }
        return now >= period.end.adding(nanoseconds: graceNanoseconds) ? .closed : .closing
    }
}

extension Account {
    /// Moves the account on to `state`; states only go forward.
    public mutating func advance(to state: State) {
        switch (self.state, state) {
        case (.open, .closing), (.open, .closed), (.closing, .closed): self.state = state
        default: break
        }
    }
}
