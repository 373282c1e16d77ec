/// The verbs of the allotment algebra; see `Documentation/architecture.md`.
extension Account {
    /// Moves `size` units from available to escrowed and answers the grant.
    ///
    /// A shortage refuses only when `enforced`; otherwise available may become negative (shadow
    /// limits and switched-off enforcement). Nil when fewer units are available, or the period no
    /// longer grants.
    public mutating func grant(
        _ id: GrantID,
        size: Int64,
        enforced: Bool = true
    ) throws(AccountError) -> Grant? {
        guard size >= 0 else { throw .invalidAmount }
        guard state == .open, !enforced || size <= available else { return nil }
        try transfer(available: -size, escrowed: size)
        return Grant(id: id, size: size)
    }

    /// Takes note of a grant's use.
    ///
    /// `used` is cumulative and the largest report counts, so that reports may be lost, repeated
    /// and reordered.
    /// - Returns: how much of the use lies beyond the grant and is booked now as an overage.
    public mutating func report(
        _ grant: inout Grant,
        used: Int64
    ) throws(AccountError) -> Int64 {
        guard used >= 0 else { throw .invalidAmount }
        let covered = min(used, grant.size - grant.returned - grant.carved)
        let growth = max(0, covered - grant.posted)
        let beyond = max(0, used - covered)
        let overage = max(0, beyond - grant.overage)
        switch grant.state {
        case .open:
            try transfer(available: -overage, escrowed: -growth, posted: growth + overage)
        case .suspect:
            try transfer(available: -overage, suspect: -growth, posted: growth + overage)
        case .closed:
            // A closed grant has no rest: all that is new is an overage.
            assert(growth == 0, "a closed grant has nothing left to post")
            try transfer(available: -overage, posted: overage)
        }
        grant.posted += growth
        grant.overage += overage
        return overage
    }

    /// Takes note of the use of a grant from which several requests hold units.
    ///
    /// Both figures are cumulative, and the largest report of each counts. What one request used
    /// beyond what it held is an overage, also while the grant has units left: they are others'.
    /// - Parameters:
    ///   - grant: the grant.
    ///   - used: units used of the grant.
    ///   - overage: units used beyond what was held of it.
    /// - Throws: what ``report(_:used:)`` throws.
    public mutating func report(
        _ grant: inout Grant,
        used: Int64,
        overage: Int64
    ) throws(AccountError) {
        guard used >= 0, overage >= 0 else { throw .invalidAmount }
        let covered = min(used, grant.posted + grant.rest)
        let growth = max(0, covered - grant.posted)
        let beyond = try checked(overage.addingReportingOverflow(used - covered))
        let new = max(0, beyond - grant.overage)
        switch grant.state {
        case .open: try transfer(available: -new, escrowed: -growth, posted: growth + new)
        case .suspect: try transfer(available: -new, suspect: -growth, posted: growth + new)
        case .closed: try transfer(available: -new, posted: new)
        }
        grant.posted += growth
        grant.overage += new
    }

    /// Moves units that are neither used nor held back to available; `returned` is cumulative.
    ///
    /// The holder's word is evidence: it is taken for a suspect grant too, and changes nothing for
    /// a closed one.
    public mutating func giveBack(_ grant: inout Grant, returned: Int64) throws(AccountError) {
        guard returned >= 0 else { throw .invalidAmount }
        let growth = returned - grant.returned
        if growth <= 0 || grant.state == .closed { return }
        guard growth <= grant.rest else { throw .invalidAmount }
        if grant.state == .suspect {
            try transfer(available: growth, suspect: -growth)
        } else {
            try transfer(available: growth, escrowed: -growth)
        }
        grant.returned = returned
    }

    /// Reports the last use and gives the rest back; the holder holds nothing from the grant any
    /// more.
    ///
    /// Taken for a suspect grant too; a repeated close is a report.
    /// - Returns: the overage, as ``report(_:used:)`` does.
    public mutating func close(_ grant: inout Grant, used: Int64) throws(AccountError) -> Int64 {
        var (account, ended) = (self, grant)
        let overage = try account.report(&ended, used: used)
        try account.giveBack(&ended, returned: ended.returned + ended.rest)
        ended.state = .closed
        (self, grant) = (account, ended)
        return overage
    }

    /// The holder fell silent: the rest becomes suspect, never available.
    public mutating func expire(_ grant: inout Grant) throws(AccountError) {
        guard grant.state == .open else { throw .wrongGrantState }
        let rest = grant.rest
        try transfer(escrowed: -rest, suspect: rest)
        grant.state = .suspect
    }

    /// Evidence has come for a suspect grant: proven use posts, the remainder returns to available.
    ///
    /// - Returns: the overage, as ``report(_:used:)`` does.
    public mutating func resolve(
        _ grant: inout Grant,
        provenUse: Int64
    ) throws(AccountError) -> Int64 {
        guard grant.state == .suspect else { throw .wrongGrantState }
        return try close(&grant, used: provenUse)
    }

    /// Books use that no grant covers: an adjustment, or a settlement whose period is closed.
    public mutating func book(overage: Int64) throws(AccountError) {
        guard overage >= 0 else { throw .invalidAmount }
        try transfer(available: -overage, posted: overage)
    }

    /// Takes back units that were used: an allocation that is released, or a credit.
    ///
    /// At most what is posted can be taken back.
    public mutating func unpost(_ units: Int64) throws(AccountError) {
        guard units >= 0, units <= posted else { throw .invalidAmount }
        try transfer(available: units, posted: -units)
    }
}
