import QuotaModel
import WeirClient

extension ReplayCommand {
    /// How long one answer of a backend is waited for.
    private static let chatTimeout = Duration.seconds(120)

    /// Plays the run as chats through the gateway at an address.
    func chat(_ run: ReplayRun, through gateway: String) async throws -> ChatReport {
        let progress = ProgressPrinter()
        let server = try await ReplayServer.find(
            url: url ?? gateway, needsOwn: false, progress.say)
        return try await APIClient.open(
            url: server.url, credential: server.adminToken, connections: concurrency,
            timeout: .seconds(10)
        ) { admin in
            try await APIClient.open(
                url: gateway, credential: nil, connections: concurrency, timeout: Self.chatTimeout
            ) { client in
                try await chat(run, client, admin)
            }
        }
    }

    private func chat(
        _ run: ReplayRun, _ client: APIClient, _ admin: APIClient
    ) async throws -> ChatReport {
        let tally = SharedTally(ReplayTally(tenants: run.tenants))
        let ledger = ReplayDriver(
            client: admin, run: run, plans: plan, speed: speed, concurrency: concurrency,
            retryFor: .seconds(retryFor), tally: tally)
        let driver = ChatDriver(
            client: client, run: run, model: model, speed: speed, concurrency: concurrency,
            tally: tally)
        let startTime = Timestamp.now()
        try await ledger.createTenants()
        let keys = try await driver.createKeys(admin)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            let plans = plan
            group.addTask {
                await TablePrinter()
                    .follow {
                        let costs = (try? await ledger.costs()) ?? [:]
                        let table = tally.update {
                            ChatTable(run: run, plans: plans, tally: $0, costs: costs)
                        }
                        return table.text
                    }
            }
            try await driver.play(keys)
            group.cancelAll()
        }
        let elapsed = ContinuousClock.now - start
        let result = tally.update { $0 }
        let verification = try await ledger.verify(result, start: startTime, now: Timestamp.now)
        let table = ChatTable(
            run: run, plans: plan, tally: result, costs: try await ledger.costs())
        return ChatReport(
            table, trace: trace, gateway: client.url, elapsed: elapsed, verification: verification)
    }
}
