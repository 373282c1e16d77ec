import QuotaModel
import WeirClient

/// Plays a run through a server: sends what ``RowMachine`` decides, and keeps the clock.
struct ReplayDriver: Sendable {
    let client: APIClient
    let run: ReplayRun
    /// The plans, which the tenants are on in turn; at least one.
    let plans: [String]
    let speed: ReplaySpeed
    let concurrency: Int
    let retryFor: Duration
    let tally: SharedTally

    /// Creates all tenants; one that exists is fine, since a lost answer may have created it.
    func createTenants() async throws {
        try await Concurrently.each(run.tenants.count, limit: concurrency) { index in
            let tenant = run.tenants[index]
            let plan = run.plan(of: index, plans)
            let body = try JSONBody.encode(TenantBody(id: tenant, name: tenant, plan: plan))
            let reply = try await client.sendUntilAnswered(
                "POST", "/api/admin/tenants", json: body, within: retryFor,
                final: { $0.status == 409 || !$0.asksToRetry })
            if case .answer(let answer) = reply, [201, 409].contains(answer.status) {
                try checkPlan(answer)
                return
            }
            throw ReplayFailure(
                "creating tenant \(tenant) at \(client.url) failed: \(reply.summary)"
                    + Self.hint(reply))
        }
    }

    /// A plan that does not exist is taken for the smallest one, which would make another replay.
    private func checkPlan(_ answer: APIAnswer) throws {
        struct Created: Decodable { var warnings: [String]? }
        guard let warning = try? answer.decode(Created.self).warnings?.first else { return }
        throw ReplayFailure("--plan: \(warning)")
    }

    /// Plays all rows; ``tally`` can be read at any time.
    func play() async throws {
        let start = ContinuousClock.now
        try await Concurrently.each(run.rows.count, limit: concurrency) { row in
            let due = speed.due(run.offset(row))
            if due > .zero { try await ContinuousClock().sleep(until: start + due) }
            try await play(row)
        }
    }

    private func play(_ row: Int) async throws {
        let start = ContinuousClock.now
        var machine = RowMachine(retryFor: retryFor)
        var action = machine.request()
        while true {
            switch action {
            case .reserve:
                let reply = try await reserve(row)
                action = machine.receive(
                    reply, elapsed: ContinuousClock.now - start, jitter: .random(in: 0...1))
            case .settle(let reservation):
                let reply = try await settle(row, reservation)
                action = machine.receive(
                    reply, elapsed: ContinuousClock.now - start, jitter: .random(in: 0...1))
            case .wait(let duration):
                tally.update { $0.countRetries(1) }
                try await Task.sleep(for: duration)
                action = machine.request()
            case .finish(let outcome):
                tally.update { $0.record(row, of: run, outcome) }
                return
            }
        }
    }

    private func reserve(_ row: Int) async throws -> RowReply {
        let body = ReserveBody(
            tenant: run.tenants[run.tenantOfRow[row]],
            charges: Charge.request(tokens: run.reservedTokens(row)),
            idempotencyKey: run.reserveKey(row))
        let json = try JSONBody.encode(body)
        let start = ContinuousClock.now
        let reply = await client.send("POST", "/api/v1/reserve", json: json)
        try Task.checkCancellation()
        note(reply, ContinuousClock.now - start, \.reserveLatency)
        return RowReply(toReserve: reply)
    }

    private func settle(_ row: Int, _ reservation: String) async throws -> RowReply {
        let body = SettleBody(charges: Charge.request(tokens: run.settledTokens(row)))
        let json = try JSONBody.encode(body)
        let start = ContinuousClock.now
        let reply = await client.send(
            "POST", "/api/v1/reservations/\(reservation)/settle", json: json,
            headers: [("Idempotency-Key", "\"\(run.settleKey(row))\"")])
        try Task.checkCancellation()
        note(reply, ContinuousClock.now - start, \.settleLatency)
        return RowReply(toSettle: reply)
    }

    private func note(
        _ reply: APIReply,
        _ took: Duration,
        _ recorder: WritableKeyPath<ReplayTally, LatencyRecorder>
    ) {
        guard case .answer(let answer) = reply else { return }
        tally.update {
            $0[keyPath: recorder].record(took)
            if answer.isReplay { $0.countReplayedAnswer() }
        }
    }

    /// The way out, where there is a usual one.
    static func hint(_ reply: APIReply) -> String {
        guard case .answer(let answer) = reply, [401, 403].contains(answer.status) else {
            return ""
        }
        return "\nset WEIR_ADMIN_TOKEN to the admin token that the server showed at its first start"
    }
}
