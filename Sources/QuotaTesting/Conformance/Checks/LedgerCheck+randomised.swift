// Random schedules against an independent count.
extension LedgerCheck {
    static let randomised = RandomWalk.Course.allCases.flatMap { course in
        (1...4).map { seed in randomWalk(course, seed: seed) }
    }

    private static func randomWalk(_ course: RandomWalk.Course, seed: UInt64) -> LedgerCheck {
        LedgerCheck("random traffic equals a naive count: \(course), seed \(seed)") { scenario in
            var walk = RandomWalk(scenario: scenario, course: course, seed: seed)
            try await walk.run()
        }
    }
}
