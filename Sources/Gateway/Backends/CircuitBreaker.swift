package import QuotaModel

/// Keeps requests from a backend that fails, and tries now and then whether it is well again.
///
///     closed ── failures in a row, or a share of the last ten seconds ──▶ open
///     open ── its backoff has passed, or a probe saw the end of what it saw ──▶ half-open
///     half-open ── a trial succeeds ──▶ closed;  a trial fails ──▶ open, twice as long
///
/// A result counts only if no transition came since its request began: what was sent to the
/// backend before it failed says nothing about it afterwards. Probes that fail open it too; but
/// while requests succeed, no probe does, since the probe may be what is broken. A probe that
/// succeeds ends the backoff only after one that failed, since a backend may be up and yet fail all
/// requests.
///
/// Source of the states: M. Nygard, "Release It!" (2007); of the backoff, of which a random half is
/// left out: M. Brooker, "Exponential Backoff and Jitter" (2015), there "equal jitter".
package struct CircuitBreaker: Sendable {
    /// When it opens, and for how long.
    package let settings: Settings
    /// Whether requests pass, as of the last event.
    package private(set) var state = State.closed
    /// Counts transitions.
    private var generation: UInt64 = 0
    private var failuresInARow = 0
    /// Successes first, failures second.
    private var results = SlidingCounts()
    /// How often it opened since it was last closed.
    private var openings = 0
    private var probeFailuresInARow = 0
    /// Whether a probe has failed and none succeeded since.
    private var isSeenByProbes: Bool { probeFailuresInARow > 0 }

    /// Creates a closed breaker.
    package init(_ settings: Settings = Settings()) {
        self.settings = settings
    }

    /// Whether a request may begin.
    package func admits(now: Timestamp) -> Bool {
        switch state {
        case .closed: true
        case .open(let until): now >= until
        case .halfOpen(let trials): trials < settings.halfOpenTrials
        }
    }

    /// How long nothing passes if nothing happens, in nanoseconds; nil where that is not known.
    package func nanosecondsUntilTrial(now: Timestamp) -> Int64? {
        switch state {
        case .closed: 0
        case .open(let until): max(0, until.nanoseconds(since: now))
        case .halfOpen(let trials): trials < settings.halfOpenTrials ? 0 : nil
        }
    }

    /// A request begins, which ``admits(now:)`` allowed.
    package mutating func begin(now: Timestamp) -> Ticket {
        if case .open(let until) = state, now >= until { move(to: .halfOpen(trials: 0)) }
        guard case .halfOpen(let trials) = state else {
            return Ticket(generation: generation, isTrial: false)
        }
        state = .halfOpen(trials: trials + 1)
        return Ticket(generation: generation, isTrial: true)
    }

    /// A request got the beginning of a good answer, whose end may be minutes away.
    ///
    /// For a trial that is success; its later end says no more.
    package mutating func answered(_ ticket: Ticket) {
        guard ticket.generation == generation, case .halfOpen = state else { return }
        close()
    }

    /// A request ends.
    ///
    /// - Parameters:
    ///   - ticket: what it began with.
    ///   - result: what it says about the backend.
    ///   - now: the time.
    ///   - random: a random number, for the backoff.
    package mutating func end(
        _ ticket: Ticket,
        _ result: Result,
        now: Timestamp,
        random: UInt64
    ) {
        guard ticket.generation == generation else { return }
        switch (state, result) {
        case (.closed, .success):
            results.advance(to: now)
            results.add(first: 1)
            failuresInARow = 0
            probeFailuresInARow = 0
        case (.closed, .failure):
            results.advance(to: now)
            results.add(second: 1)
            failuresInARow += 1
            if isFailing { open(now: now, random: random) }
        case (.halfOpen, .success): close()
        case (.halfOpen, .failure): open(now: now, random: random)
        case (.halfOpen(let trials), .nothing): state = .halfOpen(trials: max(0, trials - 1))
        case (.closed, .nothing), (.open, _): break
        }
    }

    /// The backend answered a probe.
    package mutating func probeSucceeded() {
        if case .open = state, isSeenByProbes { move(to: .halfOpen(trials: 0)) }
        probeFailuresInARow = 0
    }

    /// The backend did not answer a probe.
    package mutating func probeFailed(now: Timestamp, random: UInt64) {
        // The count is asked for no more than its bound.
        probeFailuresInARow = min(probeFailuresInARow + 1, settings.probeFailuresInARow)
        if state == .closed, probeFailuresInARow >= settings.probeFailuresInARow {
            open(now: now, random: random)
        }
    }

    private var isFailing: Bool {
        if failuresInARow >= settings.failuresInARow { return true }
        let all = results.first + results.second
        return all >= settings.fewestResults
            && results.second * 100 >= all * settings.failurePercent
    }

    private mutating func move(to state: State) {
        self.state = state
        generation += 1
    }

    private mutating func open(now: Timestamp, random: UInt64) {
        let longest = max(2, settings.longestBackoffNanoseconds)
        var backoff = max(1, settings.firstBackoffNanoseconds)
        for _ in 0..<openings where backoff < longest { backoff *= 2 }
        let half = min(backoff, longest) / 2
        let left = Int64(random % UInt64(half + 1))
        // Once the backoff is the longest, more openings change nothing.
        openings = min(openings + 1, 62)
        move(to: .open(until: now.adding(nanoseconds: half + left)))
    }

    private mutating func close() {
        move(to: .closed)
        failuresInARow = 0
        openings = 0
        probeFailuresInARow = 0
        results.clear()
    }
}
