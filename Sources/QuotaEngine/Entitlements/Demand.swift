public import QuotaModel

/// What a request wants of one limit.
public struct Demand: Hashable, Sendable {
    /// The limit.
    public let limit: CompiledLimit
    /// The units asked for; 0 only looks.
    public let amount: Int64

    /// Creates a demand.
    public init(limit: CompiledLimit, amount: Int64) {
        self.limit = limit
        self.amount = amount
    }
}

/// The balances behind a limit at an instant.
public enum LimitState: Hashable, Sendable {
    /// A budget's or allocation's account.
    case account(Account, Period)
    /// A rate's bucket.
    case bucket(TokenBucket)
    /// Units that open reservations hold at once.
    case slots(held: Int64)
}

/// A limit that would refuse a demand.
public struct Violation: Hashable, Sendable {
    /// The place of the demand among the request's.
    public let index: Int
    /// The units that could have been taken.
    public let available: Int64
    /// The units by which the limit would have to be larger.
    public let shortage: Int64
    /// Nanoseconds until a retry can succeed; nil when waiting does not help.
    public let retryAfterNanoseconds: Int64?
    /// Whether the limit refuses, or is only in shadow mode.
    public let isEnforced: Bool
}

extension Demand {
    /// When a slot is asked for again, since nobody knows when one is free: a second, in
    /// nanoseconds.
    static let slotWaitNanoseconds: Int64 = 1_000_000_000

    /// Whether the limit would refuse this demand, seen at `now` with its bucket refilled.
    public func violation(index: Int, state: LimitState, now: Timestamp) -> Violation? {
        let enforced = limit.limit.mode == .enforce
        switch state {
        case .account(let account, let period):
            // A period that is over grants nothing; the newest account always is open.
            guard amount > account.available || account.state != .open else { return nil }
            if amount == 0 || account.isUnlimited { return nil }
            let fits = amount <= account.capacity && period.end != .distantFuture
            return Violation(
                index: index,
                available: max(0, account.available),
                shortage: Int64(clamping: Int128(amount) - Int128(account.available)),
                retryAfterNanoseconds: fits ? period.end.nanoseconds(since: now) : nil,
                isEnforced: enforced)
        case .bucket(let bucket):
            guard let rate = limit.rate, amount > bucket.available(rate), amount > 0 else {
                return nil
            }
            return Violation(
                index: index,
                available: bucket.available(rate),
                shortage: amount - bucket.available(rate),
                retryAfterNanoseconds: bucket.nanosecondsUntilAvailable(amount, rate),
                isEnforced: enforced)
        case .slots(let held):
            guard let quantity = limit.limit.quantity, amount > 0, amount > quantity - held else {
                return nil
            }
            return Violation(
                index: index,
                available: max(0, quantity - held),
                shortage: amount - (quantity - held),
                retryAfterNanoseconds: amount <= quantity ? Self.slotWaitNanoseconds : nil,
                isEnforced: enforced)
        }
    }
}
