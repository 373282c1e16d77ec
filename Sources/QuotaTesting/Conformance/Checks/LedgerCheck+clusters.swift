import QuotaLedger
import QuotaModel

// Nodes that lease units, as a simulated cluster has them.
extension LedgerCheck {
    static let clusters = (1...12)
        .map { seed in
            LedgerCheck(
                "a cluster under faults gets the same answers from every store: seed \(seed)"
            ) {
                try await cluster($0, seed: UInt64(seed))
            }
        }

    /// Asks all that the ledger of a simulated cluster was asked, and compares answers and
    /// accounts with those of the reference.
    private static func cluster(_ first: Scenario, seed: UInt64) async throws {
        var scenario = first
        let reference = MemoryLedger(clock: first.clock.read)
        let interval = 97
        var simulation = Simulation(
            seed: seed, recordsCommands: true,
            restartInterval: first.isDurable ? interval : nil)
        try simulation.run(steps: 400)
        for (index, asked) in simulation.commands.enumerated() {
            // What is remembered must be what is written.
            if index % 41 == 40 { _ = try await scenario.ledger.dropCaches() }
            scenario.clock.set(asked.at)
            if scenario.isDurable, index % interval == interval - 1 {
                try await scenario.reopen()
                reference.restart()
            }
            let place = "question \(index), \(asked.command.brief)"
            let answers = try await scenario.ledger.commit([asked.command])
            try expectEqual(
                answers.map(\.comparable), [asked.answer.comparable], "the answer to \(place)")
            _ = try await reference.commit([asked.command])
            for number in 0..<3 {
                let tenant = TenantID(trusted: "t\(number)")
                try expectEqual(
                    try await scenario.ledger.accounts(of: tenant),
                    await reference.accounts(of: tenant), "the accounts after \(place)")
                try expectEqual(
                    try await scenario.ledger.archives(of: tenant, limit: 1_000),
                    await reference.archives(of: tenant, limit: 1_000),
                    "the archives after \(place)")
            }
        }
    }
}

extension LedgerAnswer {
    /// All of it as text, but for whether a store had to look.
    fileprivate var comparable: String {
        switch self {
        case .viewed(let view): "\(view.violations) \(view.states) \(view.now)"
        case .admitted(.decided(let outcome, let stored)):
            "\(outcome.comparable) \(String(describing: stored))"
        case .allocated(.decided(let outcome, let delta, let stored)):
            "\(outcome.comparable) \(delta) \(String(describing: stored))"
        default: "\(self)"
        }
    }
}

extension AdmitOutcome {
    fileprivate var comparable: String {
        "\(isAdmitted) \(violations) \(states) \(now) \(String(describing: reservation))"
    }
}
