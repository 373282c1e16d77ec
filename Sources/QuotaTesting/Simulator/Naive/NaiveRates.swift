import QuotaEngine
import QuotaLedger
import QuotaModel

/// What each decider let pass of each rate, when.
///
/// The rule is the one that callers read: within any time T at most r T + b are admitted.
struct NaiveRates {
    /// Whoever keeps a bucket of its own: a life of a node, or the ledger (nil).
    struct Place: Hashable {
        let life: NaiveCluster.Life?
        let key: AccountKey
    }

    private var passed: [Place: [(at: Int64, units: Int64)]] = [:]

    /// Whether `units` more are too many now, counting from one of the earlier ones or from now.
    func isTooMuch(
        _ units: Int64,
        _ rate: TokenBucket.Rate,
        at now: Int64,
        _ place: Place
    ) -> Bool {
        let window = Int128(rate.windowNanoseconds)
        var sum = Int128(units)
        if sum > Int128(rate.burst) { return true }
        for earlier in (passed[place] ?? []).reversed() {
            sum += Int128(earlier.units)
            let flown = Int128(now - earlier.at) * Int128(rate.quantity)
            if sum * window > Int128(rate.burst) * window + flown { return true }
        }
        return false
    }

    /// Units passed, or were used beyond what was held.
    mutating func pass(_ units: Int64, at now: Int64, _ place: Place) {
        passed[place, default: []].append((now, units))
    }

    /// An administrator has filled the ledger's bucket.
    mutating func reset(_ key: AccountKey) {
        passed[Place(life: nil, key: key)] = nil
    }
}
