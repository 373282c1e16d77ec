import QuotaCalendar
import QuotaLedger
package import QuotaModel

/// What an override must keep to; the node asks when one is set, and a client before it sends one.
package enum OverrideCheck {
    /// Why an override can't be had: which member, and what is wrong with it.
    package struct Refusal: Error, Hashable, Sendable {
        /// The member as it is written.
        package let field: String
        /// What is wrong, in words that follow the field's name.
        package let detail: String
    }

    /// The year in which overrides end at the latest, when they are given in periods.
    private static let lastYear = 2200

    /// Refuses an override that is over, or holds at the same time as another one of its limit.
    ///
    /// - Parameters:
    ///   - override: the one that is to be.
    ///   - known: those of its tenant that there are; it replaces the one of the same id.
    ///   - now: when it is set.
    /// - Throws: ``Refusal``.
    package static func check(
        _ override: LimitOverride,
        beside known: [LimitOverride],
        now: Timestamp
    ) throws(Refusal) {
        // What comes from another server may have begun there.
        if let start = override.id.startsAt, start <= min(now, override.createdAt),
            !known.contains(where: { $0.id == override.id })
        {
            throw Refusal(
                field: "starts_at", detail: "must lie in the future; leave it out to begin now")
        }
        if let end = override.expiresAt, end <= override.startsAt {
            throw Refusal(field: "expires_at", detail: "must be later than the start")
        }
        let other = known.first { $0.id != override.id && $0.overlaps(override) }
        guard let other else { return }
        if override.id.startsAt == nil, other.startsAt > override.startsAt {
            throw Refusal(
                field: "expires_at",
                detail: "must be no later than \(other.startsAt), when another override of the "
                    + "limit begins; give such an end, or delete that one")
        }
        let end = other.expiresAt.map { "until \($0)" } ?? "without an end"
        throw Refusal(
            field: "starts_at",
            detail: "overlaps the override that holds from \(other.startsAt) \(end); end that one "
                + "before, or delete it")
    }

    /// The end of the last of some periods of a limit, that of the start counted.
    ///
    /// - Parameters:
    ///   - periods: how many.
    ///   - window: the limit's window.
    ///   - start: when the override begins.
    ///   - tenant: whose calendar it is.
    ///   - current: the end of the account's period that contains the start, where there is one:
    ///     it keeps its end whatever the calendar says.
    /// - Returns: the end.
    /// - Throws: ``Refusal`` for a limit without periods, and an end that lies too far away.
    package static func end(
        of periods: Int64,
        window: Window,
        from start: Timestamp,
        tenant: Tenant,
        current: Timestamp?
    ) throws(Refusal) -> Timestamp {
        guard window.kind == .budget, window != .lifetime else {
            throw Refusal(
                field: "periods",
                detail: "is for the windows day, week, month and year; use expires_at")
        }
        let calendar = TenantCalendar(tenant)
        var end = current
        var left = end == nil ? periods : periods - 1
        while left > 0 {
            // Instants end in 2262.
            guard (end ?? start).date.year < lastYear else {
                throw Refusal(field: "periods", detail: "reach beyond the year \(lastYear)")
            }
            guard let next = calendar.period(of: window, containing: end ?? start) else { break }
            end = next.end
            left -= 1
        }
        return end ?? start
    }
}
