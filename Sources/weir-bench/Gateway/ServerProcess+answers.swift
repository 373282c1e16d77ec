import WeirClient

extension ServerProcess {
    /// Waits until a path is answered with 200, which is false when the process ends before.
    func answers(at url: String, within limit: Duration = .seconds(30)) async throws -> Bool {
        try await APIClient.open(
            url: url, credential: nil, connections: 1, timeout: .seconds(5)
        ) { client in
            let start = ContinuousClock.now
            while ContinuousClock.now - start < limit, isRunning {
                if case .answer(let answer) = await client.send("GET", ""), answer.status == 200 {
                    return true
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            return false
        }
    }
}
