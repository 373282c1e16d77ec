public import QuotaModel

extension Demand {
    /// The limit as a decision shows it.
    public func status(state: LimitState, now: Timestamp) -> LimitStatus {
        status(limit.figures(state, now: now))
    }

    /// The limit as a decision shows it that saw these figures.
    public func status(_ figures: LimitFigures) -> LimitStatus {
        LimitStatus(
            id: limit.name,
            meter: limit.limit.meter,
            scope: limit.limit.scope,
            window: limit.limit.window,
            limit: figures.limit,
            used: figures.used,
            held: figures.held,
            suspect: figures.suspect,
            remaining: figures.remaining,
            available: figures.available,
            resetAt: figures.resetAt,
            softLimit: figures.limit.map(limit.limit.softLimit),
            warns: limit.limit.warns,
            source: figures.hasExtra && limit.source == .plan ? .grant : limit.source,
            mode: limit.limit.mode,
            override: limit.override)
    }
}

extension CompiledLimit {
    /// The figures of the limit, where these are its balances.
    public func figures(_ state: LimitState, now: Timestamp) -> LimitFigures {
        switch state {
        case .account(let account, let period): LimitFigures(account, period)
        case .bucket(let bucket):
            rate.map { LimitFigures(bucket, $0, now: now) } ?? .unlimited
        case .slots(let held): LimitFigures(held: held, of: limit.quantity)
        }
    }
}

extension LimitFigures {
    /// The figures of a budget or an allocation.
    package init(_ account: Account, _ period: Period) {
        let used = account.used
        let remaining = account.quantity.map { max(0, $0 - used) }
        self.init(
            limit: account.quantity,
            used: used,
            held: account.escrowed,
            suspect: account.suspect,
            remaining: remaining,
            available: remaining,
            resetAt: period.end == .distantFuture ? nil : period.end,
            hasExtra: account.extra != 0 && !account.isUnlimited)
    }

    /// The figures of a limit of what is held at once.
    package init(held: Int64, of quantity: Int64?) {
        let remaining = quantity.map { max(0, $0 - held) }
        self.init(
            limit: quantity, used: held, held: held, suspect: 0, remaining: remaining,
            available: remaining, resetAt: nil)
    }

    /// The figures of a rate, its bucket refilled.
    package init(_ bucket: TokenBucket, _ rate: TokenBucket.Rate, now: Timestamp) {
        let used = bucket.used(rate)
        self.init(
            limit: rate.quantity,
            used: used,
            held: 0,
            suspect: 0,
            remaining: max(0, rate.quantity - used),
            available: bucket.available(rate),
            resetAt: bucket.nanosecondsUntilFull(rate)
                .map {
                    // To the next millisecond: never earlier than it is true.
                    now.adding(nanoseconds: $0).adding(nanoseconds: 999_999).truncatedToMilliseconds
                })
    }
}
