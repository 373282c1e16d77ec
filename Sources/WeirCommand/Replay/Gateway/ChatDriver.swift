import Synchronization
import WeirClient

/// Plays a run through the gateway, each row as a chat of its tenant.
struct ChatDriver: Sendable {
    /// To the gateway, without a credential of its own.
    let client: APIClient
    let run: ReplayRun
    let model: String
    let speed: ReplaySpeed
    let concurrency: Int
    let tally: SharedTally

    /// Makes a key for each tenant.
    ///
    /// - Parameter admin: to the server as its administrator.
    /// - Returns: the keys, in the order of the run's tenants.
    /// - Throws: why there is none for a tenant.
    func createKeys(_ admin: APIClient) async throws -> [String] {
        struct NewKey: Encodable {
            var tenant: String
            var name = "replay"
            var reason = "replay"
        }
        struct Key: Decodable { var key: String }
        let keys = Mutex([String](repeating: "", count: run.tenants.count))
        try await Concurrently.each(run.tenants.count, limit: concurrency) { index in
            let body = try JSONBody.encode(NewKey(tenant: run.tenants[index]))
            let reply = await admin.send("POST", "/api/admin/keys", json: body)
            guard case .answer(let answer) = reply, answer.status == 201,
                let key = try? answer.decode(Key.self).key
            else {
                throw ReplayFailure(
                    "no key for tenant \(run.tenants[index]) at \(admin.url): \(reply.summary)")
            }
            keys.withLock { $0[index] = key }
        }
        return keys.withLock { $0 }
    }

    /// Plays all rows; ``tally`` can be read at any time.
    func play(_ keys: [String]) async throws {
        let start = ContinuousClock.now
        try await Concurrently.each(run.rows.count, limit: concurrency) { row in
            let due = speed.due(run.offset(row))
            if due > .zero { try await ContinuousClock().sleep(until: start + due) }
            let json = try JSONBody.encode(ChatBody(run.rows[row], model: model))
            let sent = ContinuousClock.now
            // Once, and not again: who calls an API as a program does is told when to come back,
            // but here it is to be seen who was refused.
            let reply = await client.send(
                "POST", "/v1/chat/completions", json: json,
                headers: [("Authorization", "Bearer \(keys[run.tenantOfRow[row]])")])
            try Task.checkCancellation()
            let took = ContinuousClock.now - sent
            tally.update { $0.record(row, of: run, ChatReply(reply), took: took) }
        }
    }
}
