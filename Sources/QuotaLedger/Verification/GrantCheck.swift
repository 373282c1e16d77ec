package import QuotaEngine
import QuotaModel

/// Checks that accounts hold what their grants hold.
///
/// Takes all grants first and then all accounts and archives of the same moment. What an account
/// has escrowed is the rests of its open grants; what is suspect, the rests of its suspect ones; a
/// closed grant has no rest. With its period an account closes: its open grants became suspect
/// then, and its balances stay. A grant that ends later keeps its rest, so that the suspect units
/// of an archive are the rests of all its grants.
package struct GrantCheck: Sendable {
    private struct Rests {
        var open: Int128 = 0
        var suspect: Int128 = 0
        var closed: Int128 = 0
        var openGrants = 0
    }

    /// What was found so far.
    package private(set) var result = LedgerCheckResult(.grants, "grants")
    private var rests: [AccountID: Rests] = [:]

    /// A check that has seen nothing.
    package init() {}

    /// Takes a grant of an account; its state is nil when nobody knows it.
    package mutating func take(_ grant: Grant, state: Grant.State?, of account: AccountID) {
        result.count()
        let rest =
            Int128(grant.size) - Int128(grant.posted) - Int128(grant.returned)
            - Int128(grant.carved)
        let isNegative =
            grant.posted < 0 || grant.returned < 0 || grant.carved < 0 || grant.overage < 0
        if isNegative || rest < 0 {
            result.add(
                "grants: \(grant.id.text)",
                found: "size \(grant.size), posted \(grant.posted), returned \(grant.returned), "
                    + "carved \(grant.carved), overage \(grant.overage)",
                expected: "none below 0, and posted, returned and carved at most the size")
        }
        guard let state else {
            return result.add(
                "grants: \(grant.id.text)", found: "a state that does not exist",
                expected: "open, suspect or closed")
        }
        var sums = rests[account] ?? Rests()
        switch state {
        case .open:
            sums.open += rest
            sums.openGrants += 1
        case .suspect: sums.suspect += rest
        case .closed: sums.closed += rest
        }
        rests[account] = sums
    }

    /// Takes the balances of an account, as they are stored.
    package mutating func take(account: Entry, isArchived: Bool) {
        let sums = rests.removeValue(forKey: account.account) ?? Rests()
        let place = account.account.place(isArchived: isArchived)
        if isArchived, sums.openGrants > 0 {
            return result.add(
                place, found: "\(sums.openGrants) open grants", expected: "none: it is closed")
        }
        if !isArchived, sums.closed != 0 {
            return result.add(
                place, found: "closed grants with a rest of \(sums.closed)",
                expected: "posted + returned = size in each")
        }
        let suspect = isArchived ? sums.suspect + sums.closed : sums.suspect
        if Int128(account.escrowed) != sums.open {
            result.add(
                place, found: "escrowed \(account.escrowed)",
                expected: "\(sums.open), the rests of its open grants")
        } else if Int128(account.suspect) != suspect {
            result.add(
                place, found: "suspect \(account.suspect)",
                expected: "\(suspect), the rests of its "
                    + (isArchived ? "grants" : "suspect grants"))
        }
    }

    /// Looks for grants whose account is gone.
    package mutating func finish() {
        for account in rests.keys.sorted(by: { $0.order < $1.order }) {
            result.add(
                account.place(isArchived: false), found: "no row, here or in archives",
                expected: "the account of its grants")
        }
    }
}
