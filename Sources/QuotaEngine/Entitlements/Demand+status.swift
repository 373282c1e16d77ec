public import QuotaModel

extension Demand {
    /// The limit as a decision shows it.
    public func status(state: LimitState, now: Timestamp) -> LimitStatus {
        let figures = limit.figures(state, now: now)
        return LimitStatus(
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
            source: limit.source,
            mode: limit.limit.mode)
    }
}

extension CompiledLimit {
    /// The figures of the limit, where these are its balances.
    public func figures(_ state: LimitState, now: Timestamp) -> LimitFigures {
        switch state {
        case .account(let account, let period):
            let remaining = account.quantity.map { max(0, $0 - account.used) }
            return LimitFigures(
                limit: account.quantity,
                used: account.used,
                held: account.escrowed,
                suspect: account.suspect,
                remaining: remaining,
                available: remaining,
                resetAt: period.end == .distantFuture ? nil : period.end)
        case .bucket(let bucket):
            return figures(bucket, now: now)
        }
    }

    private func figures(_ bucket: TokenBucket, now: Timestamp) -> LimitFigures {
        guard let rate else {
            return LimitFigures(
                limit: nil, used: 0, held: 0, suspect: 0, remaining: nil, available: nil,
                resetAt: nil)
        }
        let used = bucket.used(rate)
        return LimitFigures(
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
