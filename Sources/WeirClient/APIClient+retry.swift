extension APIClient {
    /// Repeats a request that may be repeated until it is answered, for at most `limit`.
    ///
    /// `final` says which answers end the repetition. When time is up, the last reply is given,
    /// whatever it is.
    package func sendUntilAnswered(
        _ method: String,
        _ path: String,
        json: [UInt8]? = nil,
        within limit: Duration,
        final: (APIAnswer) -> Bool = { !$0.asksToRetry }
    ) async throws -> APIReply {
        let start = ContinuousClock.now
        var backoff = Backoff()
        while true {
            let reply = await send(method, path, json: json)
            if case .answer(let answer) = reply, final(answer) { return reply }
            if ContinuousClock.now - start >= limit { return reply }
            try await Task.sleep(for: backoff.next(jitter: .random(in: 0...1)))
        }
    }
}
