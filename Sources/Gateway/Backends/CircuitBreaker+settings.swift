package import QuotaModel

extension CircuitBreaker {
    /// When a breaker opens, and for how long.
    package struct Settings: Hashable, Sendable {
        /// How many failures in a row open it.
        package var failuresInARow = 5
        /// What share of the results of the last ten seconds opens it when they failed, in percent.
        package var failurePercent: Int64 = 50
        /// How many results the last ten seconds must have for their share to count.
        package var fewestResults: Int64 = 20
        /// How many failed probes in a row open it, with no success between them.
        package var probeFailuresInARow = 2
        /// How long it is open at first, in nanoseconds; each time it opens again, twice as long.
        package var firstBackoffNanoseconds: Int64 = 1_000_000_000
        /// The longest time it is open, in nanoseconds.
        package var longestBackoffNanoseconds: Int64 = 60_000_000_000
        /// How many requests at a time try whether the backend is well again.
        package var halfOpenTrials = 1

        /// The defaults.
        package init() {}
    }

    /// Whether requests pass.
    package enum State: Hashable, Sendable {
        /// They do.
        case closed
        /// They don't, until then.
        case open(until: Timestamp)
        /// A few do, to try; so many are under way.
        case halfOpen(trials: Int)
    }

    /// What a request says about its backend.
    package enum Result: Hashable, Sendable {
        /// It is well.
        case success
        /// It is not.
        case failure
        /// Nothing: the caller left, or the backend had too much to do.
        case nothing
    }

    /// What a request that passed keeps, so that its result counts for the right time.
    package struct Ticket: Hashable, Sendable {
        let generation: UInt64
        /// Whether it is a trial of a backend that is half open.
        let isTrial: Bool
    }
}
