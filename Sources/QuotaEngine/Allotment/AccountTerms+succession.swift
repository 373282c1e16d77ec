public import QuotaCalendar
public import QuotaModel

// What one period leaves to the next.
extension AccountTerms {
    /// What an account's period leaves to the one that opens at its end.
    ///
    /// Pure, and asked again whenever something of the period comes back: less use never leaves
    /// less. A period that was reset leaves its carried and bought units, and nothing of its own.
    ///
    /// - Parameters:
    ///   - account: the account whose period is over.
    ///   - index: the period's index.
    ///   - next: what the period that opens gives, and its terms; units that it has already are
    ///     kept as far as they are its own. What it opened with counts, not what changed since.
    ///   - opening: when that period begins: top-ups that have expired by then stay behind.
    /// - Returns: the terms of the period that opens, and of the one that is over.
    public func succession(
        of account: Account,
        index: Int64,
        next: (allowance: Int64?, terms: AccountTerms),
        opening: Timestamp
    ) -> (next: AccountTerms, closed: AccountTerms) {
        var (successor, closed) = (next.terms, self)
        var taken = Taken(self, account)
        let left: Left? =
            if account.isUnlimited {
                nil
            } else if isReset {
                lotsLeft(taken.ofPlan, account)
            } else {
                rollover(taken.ofPlan, account, index, next)
            }
        successor.carried = (left?.carried ?? []).bounded
        // A reset forgives, and an unlimited account owes nothing.
        let carriesOverage = policy?.rollover.overage == .carry && !isReset && !account.isUnlimited
        successor.owed =
            carriesOverage
            ? max(0, burn(account.posted, allowance: account.allowance ?? 0).overage - lowered) : 0
        var (inherited, passedOn): ([TopUp], Int64) = ([], 0)
        for (topUp, used) in zip(topUps, taken.ofTopUps) {
            var rest = topUp
            rest.units = topUp.units - used
            if topUp.hasLapsed {
                // Of an unlimited account nobody knows how much of it was used.
                if !account.isUnlimited { taken.expired += rest.units }
                rest.units = 0
            }
            let left = rest.units
            if let own = next.terms.topUps.first(where: { $0.isSame(as: topUp) }) {
                // What has expired since, or was revoked, keeps no more than was used of it then.
                rest.hasLapsed = own.hasLapsed
                if own.hasLapsed { rest.units = min(rest.units, own.units) }
            } else if topUp.expiresAt.map({ $0 <= opening }) ?? false {
                taken.expired += rest.units
                continue
            }
            passedOn += left
            // One that has expired stays known, so that it does not begin anew.
            if rest.units > 0 || rest.hasLapsed && !topUp.hasLapsed { inherited.append(rest) }
        }
        successor.topUps =
            inherited
            + next.terms.topUps.filter { own in !topUps.contains { $0.isSame(as: own) } }
        closed.closing = Closing(
            carried: (left?.carried.reduce(0) { $0 + $1.units } ?? 0) + passedOn,
            expired: (left?.expired ?? 0) + taken.expired,
            overage: taken.overage)
        return (successor, closed)
    }

    /// How the use of an account splits, for its end.
    private struct Taken {
        let ofPlan: Int64
        let ofTopUps: [Int64]
        let overage: Int64
        var expired: Int64 = 0

        init(_ terms: AccountTerms, _ account: Account) {
            let used = account.isUnlimited ? 0 : account.used
            let burned = terms.burn(used, allowance: account.allowance ?? .max)
            ofPlan = burned.ofPlan
            ofTopUps = burned.ofTopUps
            overage = max(0, burned.overage - terms.lowered)
        }
    }

    /// What is left of the plan's units and of those that were carried.
    private struct Left {
        let carried: [CarriedLot]
        let expired: Int64
    }

    private func rollover(
        _ used: Int64,
        _ account: Account,
        _ index: Int64,
        _ next: (allowance: Int64?, terms: AccountTerms)
    ) -> Left? {
        let opened =
            next.terms.opening
            ?? Opening(allowance: next.allowance, policy: next.terms.policy, plan: next.terms.plan)
        let change: RolloverClosing.Next.Change =
            opened.plan == plan ? .none : .newPlan(opened.policy)
        let closing = try? RolloverClosing(
            index: index, allowance: max(0, account.allowance ?? 0), lots: carried, policy: policy)
        let outcome = try? closing?
            .close(used: used, next: .init(allowance: opened.allowance ?? .max, change: change))
        return outcome.map { Left(carried: $0.carried, expired: $0.expiredUnits) }
    }

    /// The lots that were carried in, with what is left of each when so much is used.
    public func carriedLeft(_ account: Account) -> [CarriedLot] {
        if account.isUnlimited { return carried }
        let burned = burn(account.used, allowance: account.allowance ?? .max)
        return lotsLeft(burned.ofPlan, account)?.carried ?? []
    }

    /// What is left of the lots when a reset ends their period: they go on in another part of the
    /// same period, and are no older there.
    private func lotsLeft(_ used: Int64, _ account: Account) -> Left? {
        let closing = try? RolloverClosing(
            index: 0, allowance: max(0, account.allowance ?? 0), lots: carried, policy: policy)
        guard let closing, let outcome = try? closing.close(used: used, next: .init(allowance: 0))
        else { return nil }
        var taken = outcome.carriedUsed
        var left: [CarriedLot] = []
        for lot in closing.lots {
            let ofLot = min(taken, lot.units)
            taken -= ofLot
            if ofLot < lot.units { left.append(lot.with(units: lot.units - ofLot)) }
        }
        return Left(carried: left, expired: closing.allowance - outcome.planUsed)
    }
}

extension [CarriedLot] {
    /// The most lots of one account: the highest age there is.
    private static var maximum: Int { Rollover.maximumAge }

    /// The same units in a bounded number of lots: of those that never grow too old the oldest are
    /// put together.
    fileprivate var bounded: [CarriedLot] {
        guard count > Self.maximum else { return self }
        let sorted = self.sorted { $0.age > $1.age }
        let old = sorted.prefix(count - Self.maximum + 1)
        let units = old.reduce(Int64(0)) { sum, lot in
            let (total, overflow) = sum.addingReportingOverflow(lot.units)
            return overflow ? .max : total
        }
        return old.prefix(1).map { $0.with(units: units) } + sorted.dropFirst(old.count)
    }
}

extension TopUp {
    /// Whether two are one, in different periods; an id may be given again to another later.
    fileprivate func isSame(as other: TopUp) -> Bool {
        id == other.id && grantedAt == other.grantedAt
    }
}
