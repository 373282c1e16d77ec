import QuotaModel

/// What the clocks say when a request is decided.
struct DecisionInstant {
    /// The wall clock.
    let now: Timestamp
    /// A clock that nobody can set.
    let steady: Timestamp
}

extension LeaseManager {
    /// What the clocks say.
    var instant: DecisionInstant { DecisionInstant(now: clock(), steady: steadyClock()) }
}

/// What the clocks say to decisions that are made one right after the other.
///
/// Reading both takes as long as a good part of a decision. A reading serves a few: these take some
/// ten microseconds, as a single decision does that waits for its lock.
struct SharedInstant {
    private static let maximumUses = 32

    private var known: DecisionInstant?
    private var uses = 0

    /// The instant for the next decision.
    mutating func next(_ leases: LeaseManager) -> DecisionInstant {
        if let known, uses < Self.maximumUses {
            uses += 1
            return known
        }
        let read = leases.instant
        (known, uses) = (read, 1)
        return read
    }

    /// Time has passed: the next decision reads the clocks.
    mutating func end() { known = nil }
}
