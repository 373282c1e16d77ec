import QuotaModel

extension WhatIfTenant {
    /// Where the balance of a rule is that a charge is asked of; nil when it is not concerned.
    @inline(__always)
    private mutating func balance(_ rule: borrowing WhatIfPlan.Rule, _ charge: Charge) -> Int? {
        switch rule.scope {
        case .tenant: return rule.limit
        case .model(let number): return number == charge.model ? rule.limit : nil
        case .eachKey:
            if charge.key < 0 { return nil }
            return balance(ofKey: charge.key, rule.limit)
        }
    }

    private mutating func balance(ofKey key: Int, _ limit: Int) -> Int {
        while keyBalances[limit].count <= key { keyBalances[limit].append(0) }
        if keyBalances[limit][key] == 0 {
            // The plan's own limits stand first, so that no key's balance is at 0.
            keyBalances[limit][key] = balances.count
            balances.append(WhatIfBalance())
        }
        return keyBalances[limit][key]
    }

    /// Judges the request that is gathered.
    mutating func judge() {
        if charges.isEmpty { return }
        var isRefused = false
        var fits = true
        touches.removeAll(keepingCapacity: true)
        for charge in charges {
            for place in plan.rulesOfMeter[charge.meter] {
                let rule = plan.rules[place]
                guard let balance = balance(rule, charge) else { continue }
                balances[balance].advance(to: requestAt, rule, calendar)
                let has = balances[balance].has(charge.units, rule)
                if !has {
                    fits = false
                    if rule.isEnforced { isRefused = true }
                }
                touches.append(
                    Touch(
                        balance: balance, rule: place, units: charge.units,
                        fits: has))
            }
        }
        charges.removeAll(keepingCapacity: true)
        if !isRefused {
            for touch in touches {
                balances[touch.balance].take(touch.units, plan.rules[touch.rule])
            }
        }
        guard !fits, requestAt >= since else { return }
        if isRefused { refusals.requests = refusals.requests.addingClamped(1) }
        for touch in touches where !touch.fits {
            let limit = plan.rules[touch.rule].limit
            refusals.limits[limit]
                .add(
                    1, units: touch.units, at: requestAt, keeps: plan.maximumInstants)
        }
    }

    /// Judges the sum of an hour: what fits passes, and the rest is refused.
    ///
    /// - Parameters:
    ///   - charge: whose sum, with its corrections.
    ///   - units: the sum without them.
    ///   - postings: how many postings the sum is of, those of imports among them.
    ///   - hour: the start of the hour.
    mutating func judge(_ charge: Charge, units: Int64, postings: Int64, at hour: Timestamp) {
        guard units > 0 else {
            if units < 0 { count(charge, units, at: hour) }
            return
        }
        var excess: Int64 = 0
        touches.removeAll(keepingCapacity: true)
        for place in plan.rulesOfMeter[charge.meter] {
            let rule = plan.rules[place]
            guard rule.rate == nil, let balance = balance(rule, charge) else { continue }
            balances[balance].advance(to: hour, rule, calendar)
            let beyond = max(0, units - balances[balance].rest)
            if rule.isEnforced { excess = max(excess, beyond) }
            touches.append(
                Touch(
                    balance: balance, rule: place, units: beyond,
                    fits: beyond == 0))
        }
        for touch in touches {
            balances[touch.balance]
                .take(
                    units - excess, plan.rules[touch.rule])
        }
        guard hour >= since else { return }
        if excess > 0 {
            refusals.requests = refusals.requests.addingClamped(
                Self.requests(excess, of: max(units, charge.units), postings))
        }
        for touch in touches where !touch.fits {
            refusals.limits[plan.rules[touch.rule].limit]
                .add(
                    Self.requests(touch.units, of: max(units, charge.units), postings),
                    units: touch.units, at: hour,
                    keeps: plan.maximumInstants)
        }
    }

    /// How many of an hour's requests a part of its units are, had all the same size; rounded up.
    private static func requests(_ part: Int64, of units: Int64, _ postings: Int64) -> Int64 {
        let product = Int128(part) * Int128(postings) + Int128(units) - 1
        return Int64(clamping: product / Int128(units))
    }

    /// Takes a correction, which nothing refuses.
    mutating func correct(_ charge: Charge, at instant: Timestamp, isSummed: Bool) {
        judge()
        refusals.corrections += 1
        count(charge, charge.units, at: instant)
        guard isSummed else { return }
        let hour = instant.startOfHour
        if hour != correctedHour {
            corrections.removeAll(keepingCapacity: true)
            correctedHour = hour
        }
        let place = WhatIfHourPlace(meter: charge.meter, key: charge.key, model: charge.model)
        corrections[place] = (corrections[place] ?? 0).addingClamped(charge.units)
    }

    /// Counts units in the budgets, whether or not they fit.
    private mutating func count(_ charge: Charge, _ units: Int64, at instant: Timestamp) {
        for place in plan.rulesOfMeter[charge.meter] {
            let rule = plan.rules[place]
            guard rule.rate == nil, let balance = balance(rule, charge) else { continue }
            balances[balance].advance(to: instant, rule, calendar)
            balances[balance].correct(by: units)
        }
    }
}

extension Timestamp {
    /// The start of its hour, UTC.
    var startOfHour: Timestamp {
        let rest = nanoseconds % WhatIfTenant.hourNanoseconds
        return adding(nanoseconds: rest < 0 ? -rest - WhatIfTenant.hourNanoseconds : -rest)
    }
}
