import Foundation
import QuotaModel
import WeirClient

extension ReplayCommand {
    /// How long one answer is waited for before it counts as lost.
    private static let answerTimeout = Duration.seconds(10)

    /// Plays the run from the first tenant to the last comparison.
    func replay(_ run: ReplayRun) async throws -> ReplayReport {
        let progress = ProgressPrinter()
        let server = try await ReplayServer.find(url: url, needsOwn: kills > 0, progress.say)
        let outcome: Result<ReplayReport, any Error>
        do {
            outcome = .success(
                try await APIClient.open(
                    url: server.url, credential: server.adminToken, connections: concurrency,
                    timeout: Self.answerTimeout
                ) { client in
                    try await replay(run, server, client, progress)
                })
        } catch {
            outcome = .failure(error)
        }
        await server.stop()
        return try outcome.get()
    }

    private func replay(
        _ run: ReplayRun, _ server: ReplayServer, _ client: APIClient, _ progress: ProgressPrinter
    ) async throws -> ReplayReport {
        let tally = SharedTally(ReplayTally(tenants: run.tenants))
        let driver = ReplayDriver(
            client: client, run: run, plans: plan, speed: speed, concurrency: concurrency,
            retryFor: .seconds(retryFor), tally: tally)
        let startTime = Timestamp.now()
        return try await withThrowingTaskGroup { group in
            if let own = server.own {
                group.addTask { try await own.watch(progress.say) }
            }
            try await driver.createTenants()
            let start = ContinuousClock.now
            group.addTask {
                await progress.follow { elapsed in
                    tally.update { ProgressLine($0, total: run.rows.count, elapsed: elapsed) }
                }
            }
            if let own = server.own, kills > 0 {
                group.addTask { try await kill(own, kills, while: tally, of: run.rows.count) }
            }
            try await driver.play()
            let elapsed = ContinuousClock.now - start
            let result = tally.update { $0 }
            let verification = try await driver.verify(result, start: startTime, now: Timestamp.now)
            group.cancelAll()
            return ReplayReport(
                run: run, trace: trace, plan: plan.joined(separator: ", "), server: server.url,
                serverRestarts: server.own?.restarts ?? 0, tally: result, elapsed: elapsed,
                verification: verification)
        }
    }

    /// Kills the server `count` times, spread evenly over the rows.
    private func kill(
        _ server: OwnServer, _ count: Int, while tally: SharedTally, of rows: Int
    ) async throws {
        for number in 1...count {
            while tally.update({ $0.rows }) < rows * number / (count + 1) {
                try await Task.sleep(for: .milliseconds(1))
            }
            await server.crash()
        }
    }
}
