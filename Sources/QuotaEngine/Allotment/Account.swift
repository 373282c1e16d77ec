import QuotaModel

/// The balances of one limit in one period.
///
/// Invariant: `capacity = available + escrowed + suspect + posted` after every operation. Every
/// operation either succeeds whole or throws and changes nothing.
public struct Account: Hashable, Sendable {
    /// How far the account's period has come.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Units can be taken.
        case open
        /// The period is over; what was admitted in it still settles here.
        case closing
        /// Nothing changes any more.
        case closed
    }

    /// C: the units of the period in all, with those that come on top of its limit.
    public private(set) var capacity: Int64
    /// A: the units that nobody has taken; negative after a lowering or an overage.
    public private(set) var available: Int64
    /// E: the units that open grants hold.
    public private(set) var escrowed: Int64
    /// X: the units of grants whose holder fell silent.
    public private(set) var suspect: Int64
    /// P: the units that were used.
    public private(set) var posted: Int64
    /// The part of the capacity that is not from the limit: carried and bought units, less what is
    /// owed; negative when more is owed.
    public private(set) var extra: Int64
    /// Whether the capacity stands for "no limit".
    public private(set) var isUnlimited: Bool
    /// How far the period has come.
    public internal(set) var state: State
    /// The entitlement revision that the capacity comes from.
    public private(set) var limitRevision: Int64
    /// Grows whenever `available` grows: a remembered refusal of an older version is void.
    public private(set) var version: Int64

    /// Opens an account; a nil quantity is unlimited.
    ///
    /// - Parameters:
    ///   - quantity: the units that the limit gives.
    ///   - limitRevision: the entitlement revision that they come from.
    ///   - extra: the units on top of them; see ``extra``.
    public init(quantity: Int64?, limitRevision: Int64, extra: Int64 = 0) {
        let extra = Self.fitting(extra, on: quantity)
        let capacity = quantity.map { $0 + extra } ?? Amount.unlimitedCapacity
        self.init(
            capacity: capacity, available: capacity, escrowed: 0, suspect: 0, posted: 0,
            isUnlimited: quantity == nil, state: .open, limitRevision: limitRevision, version: 0,
            extra: extra)
    }

    /// An account as a store kept it.
    public init(
        capacity: Int64,
        available: Int64,
        escrowed: Int64,
        suspect: Int64,
        posted: Int64,
        isUnlimited: Bool,
        state: State,
        limitRevision: Int64,
        version: Int64,
        extra: Int64 = 0
    ) {
        self.extra = extra
        self.capacity = capacity
        self.available = available
        self.escrowed = escrowed
        self.suspect = suspect
        self.posted = posted
        self.isUnlimited = isUnlimited
        self.state = state
        self.limitRevision = limitRevision
        self.version = version
    }

    /// What enforcement counts as used: settled, held and suspect units.
    public var used: Int64 { Int64(clamping: exactlyUsed) }

    private var exactlyUsed: Int128 { Int128(posted) + Int128(escrowed) + Int128(suspect) }

    /// The units allowed, with those on top; nil is unlimited.
    public var quantity: Int64? { isUnlimited ? nil : max(0, capacity) }

    /// The units that the limit itself gives; nil is unlimited.
    public var allowance: Int64? { isUnlimited ? nil : capacity - extra }

    /// Whether grants are out whose use is not known yet.
    public var hasOutstandingGrants: Bool { escrowed != 0 || suspect != 0 }

    /// Whether the balances add up and none is negative that may not be.
    public var isConserved: Bool {
        guard escrowed >= 0, suspect >= 0, posted >= 0 else { return false }
        return Int128(capacity) == Int128(available) + exactlyUsed
    }

    /// Sets the units allowed from now on; what was taken stays taken, so `available` may become
    /// negative.
    ///
    /// A revision that is not newer than the account's changes nothing.
    public mutating func setQuantity(
        _ quantity: Int64?,
        limitRevision: Int64
    ) throws(AccountError) {
        guard limitRevision > self.limitRevision else { return }
        let extra = Self.fitting(extra, on: quantity)
        try setCapacity(quantity.map { $0 + extra } ?? Amount.unlimitedCapacity)
        self.extra = extra
        isUnlimited = quantity == nil
        self.limitRevision = limitRevision
    }

    /// Sets the units on top of the limit; what was taken stays taken, so `available` may become
    /// negative.
    public mutating func setExtra(_ units: Int64) throws(AccountError) {
        let units = Self.fitting(units, on: allowance)
        if units == extra { return }
        if !isUnlimited {
            let change = try checked(units.subtractingReportingOverflow(extra))
            try setCapacity(checked(capacity.addingReportingOverflow(change)))
        } else if state == .closed {
            throw .periodClosed
        }
        extra = units
    }

    /// What may be put on top of a quantity, so that no sum leaves its range.
    private static func fitting(_ extra: Int64, on quantity: Int64?) -> Int64 {
        let most = max(0, Amount.unlimitedCapacity - max(0, quantity ?? 0))
        return max(-Amount.unlimitedCapacity, min(extra, most))
    }

    /// Counts as free what is out; only where a rule is left out, to see a test notice.
    package mutating func forgetOutstanding() {
        (available, escrowed, suspect) = (capacity - posted, 0, 0)
    }

    private mutating func setCapacity(_ newCapacity: Int64) throws(AccountError) {
        try move { account throws(AccountError) in
            account.available = try checked(
                account.available.addingReportingOverflow(newCapacity - account.capacity))
            account.capacity = newCapacity
        }
    }

    /// Moves units between balances; each delta is added to its balance.
    ///
    /// The sum of the deltas must be 0, since the capacity stays.
    mutating func transfer(
        available availableDelta: Int64 = 0,
        escrowed escrowedDelta: Int64 = 0,
        suspect suspectDelta: Int64 = 0,
        posted postedDelta: Int64 = 0
    ) throws(AccountError) {
        try move { account throws(AccountError) in
            account.available = try checked(
                account.available.addingReportingOverflow(availableDelta))
            account.escrowed = try checked(account.escrowed.addingReportingOverflow(escrowedDelta))
            account.suspect = try checked(account.suspect.addingReportingOverflow(suspectDelta))
            account.posted = try checked(account.posted.addingReportingOverflow(postedDelta))
        }
    }

    /// Runs a change on a copy, checks the invariant, and keeps the copy only when it holds.
    private mutating func move(
        _ change: (inout Account) throws(AccountError) -> Void
    ) throws(AccountError) {
        if state == .closed { throw .periodClosed }
        var changed = self
        try change(&changed)
        guard changed.isConserved else { throw .notConserved }
        guard changed.exactlyUsed <= Int128(Int64.max) else { throw .overflow }
        if changed.available > available { changed.version += 1 }
        self = changed
    }
}

/// The result of an arithmetic operation, or an error when it left the range of `Int64`.
package func checked(
    _ result: (partialValue: Int64, overflow: Bool)
) throws(AccountError) -> Int64 {
    if result.overflow { throw .overflow }
    return result.partialValue
}
