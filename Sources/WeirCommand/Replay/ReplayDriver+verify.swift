import QuotaModel
import Synchronization
import WeirClient

extension ReplayDriver {
    /// Largest page of the daily figures.
    private static let pageSize = 1_000

    /// Asks the server what it recorded and compares it with what it admitted.
    ///
    /// `start` is the wall clock before the first request; `now` reads it, once more after the
    /// last answer.
    func verify(
        _ tally: ReplayTally, start: Timestamp, now: @Sendable () -> Timestamp
    ) async throws -> Verification {
        let answers = try await usageOfAllTenants()
        var daily: [String: DailyUsage] = [:]
        for meter in Meters.all {
            daily[meter] = try await dailyUsage(of: meter, from: start.date, to: now().date)
        }
        var verification = Verification(start: start, end: now())
        verification.checkOutcomes(tally)
        for (tenant, answer) in zip(tally.tenants, answers) {
            verification.check(tenant, answer)
            for meter in Meters.all {
                if let sums = daily[meter] {
                    verification.check(tenant, meter: meter, daily: sums)
                }
            }
        }
        return verification
    }

    /// What each tenant was charged in money, in billionths; the currencies are not told apart.
    func costs() async throws -> [String: Int64] {
        var costs: [String: Int64] = [:]
        for answer in try await usageOfAllTenants() {
            let money = answer.limits.filter { $0.meter.hasPrefix(Meters.costPrefix) }
            // Several windows count the same money.
            costs[answer.tenant] = money.map { $0.used &- $0.held }.max()
        }
        return costs
    }

    private func usageOfAllTenants() async throws -> [UsageAnswer] {
        let answers = Mutex([UsageAnswer?](repeating: nil, count: run.tenants.count))
        try await Concurrently.each(run.tenants.count, limit: concurrency) { index in
            // A run's name has only characters that a query may contain as they are.
            let answer: UsageAnswer = try await get("/api/v1/usage?tenant=\(run.tenants[index])")
            answers.withLock { $0[index] = answer }
        }
        return answers.withLock { $0.compactMap(\.self) }
    }

    private func dailyUsage(
        of meter: String, from first: CivilDate, to last: CivilDate
    ) async throws -> DailyUsage {
        let tenants = Set(run.tenants)
        var usage = DailyUsage()
        for day in first.daysSinceEpoch...last.daysSinceEpoch {
            let date = CivilDate(daysSinceEpoch: day)
            var offset: Int? = 0
            while let from = offset {
                let page: DailyUsageAnswer = try await get(
                    "/api/admin/quota/usage?meter=\(meter)&date_str=\(date)"
                        + "&limit=\(Self.pageSize)&offset=\(from)")
                usage.add(page, of: tenants)
                // Only forward: a server that repeats itself must not keep us here.
                offset = page.nextOffset.flatMap { $0 > from ? $0 : nil }
            }
        }
        return usage
    }

    private func get<Answer: Decodable>(_ path: String) async throws -> Answer {
        let reply = try await client.sendUntilAnswered("GET", path, within: retryFor)
        guard case .answer(let answer) = reply, answer.status == 200 else {
            throw ReplayFailure(
                "GET \(client.url)\(path) failed: \(reply.summary)\(Self.hint(reply))")
        }
        do {
            return try answer.decode()
        } catch {
            throw ReplayFailure("GET \(client.url)\(path): not the expected answer: \(error)")
        }
    }
}
