public import QuotaModel

extension Demand {
    /// The limit as a decision shows it.
    public func status(state: LimitState, now: Timestamp) -> LimitStatus {
        switch state {
        case .account(let account, let period):
            let remaining = account.quantity.map { max(0, $0 - account.used) }
            return status(
                limit: account.quantity,
                used: account.used,
                held: account.escrowed,
                suspect: account.suspect,
                remaining: remaining,
                available: remaining,
                resetAt: period.end == .distantFuture ? nil : period.end,
                softLimit: account.quantity.map(limit.limit.softLimit))
        case .bucket(let bucket):
            return bucketStatus(bucket, now: now)
        }
    }

    private func bucketStatus(_ bucket: TokenBucket, now: Timestamp) -> LimitStatus {
        guard let rate = limit.rate else {
            return status(
                limit: nil, used: 0, held: 0, suspect: 0, remaining: nil, available: nil,
                resetAt: nil, softLimit: nil)
        }
        let used = bucket.used(rate)
        return status(
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
                },
            softLimit: limit.limit.softLimit(of: rate.quantity))
    }

    private func status(
        limit quantity: Int64?,
        used: Int64,
        held: Int64,
        suspect: Int64,
        remaining: Int64?,
        available: Int64?,
        resetAt: Timestamp?,
        softLimit: Int64?
    ) -> LimitStatus {
        LimitStatus(
            id: limit.name,
            meter: limit.limit.meter,
            scope: limit.limit.scope,
            window: limit.limit.window,
            limit: quantity,
            used: used,
            held: held,
            suspect: suspect,
            remaining: remaining,
            available: available,
            resetAt: resetAt,
            softLimit: softLimit,
            warns: limit.limit.warns,
            source: limit.source,
            mode: limit.limit.mode)
    }
}
