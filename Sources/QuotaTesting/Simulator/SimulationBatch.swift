package import QuotaLedger

/// Many simulations, on all cores.
package struct SimulationBatch: Sendable {
    let first: UInt64
    let count: Int
    let steps: Int
    let omitted: OmittedRules

    /// A seed that failed.
    package struct Failed: Sendable {
        /// The seed.
        package let seed: UInt64
        /// What it found.
        package let failure: SimulationFailure
    }

    /// Prepares runs.
    ///
    /// - Parameters:
    ///   - first: the first seed; the next ones count on from it.
    ///   - count: how many.
    ///   - steps: how many steps each takes.
    ///   - omitted: rules that are left out.
    package init(first: UInt64, count: Int, steps: Int, omitted: OmittedRules = []) {
        self.first = first
        self.count = count
        self.steps = steps
        self.omitted = omitted
    }

    /// How many run side by side.
    private static let lanes = 4

    /// Runs until all are done or one fails.
    ///
    /// - Returns: the smallest seed that was seen to fail.
    package func run() async -> Failed? {
        await withTaskGroup(of: Failed?.self) { group in
            for lane in 0..<Self.lanes {
                group.addTask {
                    for index in stride(from: lane, to: count, by: Self.lanes) {
                        if Task.isCancelled { return nil }
                        if let failed = run(first &+ UInt64(index)) { return failed }
                    }
                    return nil
                }
            }
            var found: Failed?
            for await failed in group {
                guard let failed else { continue }
                group.cancelAll()
                if let known = found, known.seed < failed.seed { continue }
                found = failed
            }
            return found
        }
    }

    private func run(_ seed: UInt64) -> Failed? {
        var simulation = Simulation(seed: seed, omitted: omitted)
        do {
            try simulation.run(steps: steps)
            return nil
        } catch {
            return Failed(seed: seed, failure: error)
        }
    }
}
