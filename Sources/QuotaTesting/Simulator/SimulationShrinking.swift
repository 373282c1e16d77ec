package import QuotaLedger

/// Finds the fewest actions with which a seed still fails.
///
/// Source: A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
package struct SimulationShrinking {
    private let seed: UInt64
    private let steps: Int
    private let omitted: OmittedRules

    /// The shortest run that was found.
    package struct Shrunk {
        /// How it fails.
        package let failure: SimulationFailure
        /// What happened.
        package let history: [String]
        /// How many actions it has.
        package let actions: Int
        /// How many the run had at first.
        package let allActions: Int
    }

    /// Prepares to shorten the run of a seed that fails.
    package init(seed: UInt64, steps: Int, omitted: OmittedRules = []) {
        self.seed = seed
        self.steps = steps
        self.omitted = omitted
    }

    /// Leaves actions out, in ever smaller groups, as long as the run still fails.
    package func run() -> Shrunk {
        guard let first = fails(steps: steps, skipping: [], as: nil) else {
            return Shrunk(
                failure: SimulationFailure(message: "the seed holds", step: steps), history: [],
                actions: 0, allActions: 0)
        }
        // What comes after the failure is not needed.
        let steps = min(steps, first.failure.step)
        var skipped: Set<Int> = []
        var size = max(1, first.actions / 2)
        while true {
            var start = 1
            while start <= first.actions {
                let group = Set(start..<(start + size)).subtracting(skipped)
                if !group.isEmpty,
                    fails(
                        steps: steps, skipping: skipped.union(group), as: first.failure.kind)
                        != nil
                {
                    skipped.formUnion(group)
                }
                start += size
            }
            if size == 1 { break }
            size /= 2
        }
        var last = Simulation(
            seed: seed, omitted: omitted, skipped: skipped, recordsHistory: true)
        var failure = first.failure
        do { try last.run(steps: steps) } catch { failure = error }
        return Shrunk(
            failure: failure, history: last.history,
            actions: first.actions - skipped.count { $0 <= first.actions },
            allActions: first.actions)
    }

    private func fails(
        steps: Int,
        skipping skipped: Set<Int>,
        as kind: String?
    ) -> (failure: SimulationFailure, actions: Int)? {
        var simulation = Simulation(seed: seed, omitted: omitted, skipped: skipped)
        do {
            try simulation.run(steps: steps)
            return nil
        } catch {
            // Another failure may have another cause.
            if let kind, error.kind != kind { return nil }
            return (error, simulation.actionCount)
        }
    }
}
