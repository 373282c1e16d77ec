import WeirClient

/// Resident memory with many tenants known and a tenth of them active, and the time to start
/// again with all of them.
struct MemoryBenchmark: Benchmark {
    private static let connections = 64
    private static let mostMegabytes = 150.0
    private static let mostSeconds = 2.0

    var tenants = 100_000

    var name: String { "memory" }

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let figures = try await BenchServer.run { server in
            let creation = try await create(server)
            try await consume(server)
            let memory = try ResidentMemory.bytes(of: server.process.identifier)
            await server.process.stop()
            let (start, memoryAfterStart) = try await restart(server)
            return (creation, memory, start, memoryAfterStart)
        }
        let (creation, memory, start, memoryAfterStart) = figures
        let suffix = tenants == 100_000 ? "" : "-\(tenants)"
        try report.add(
            BenchResult(
                bench: "memory/known-tenants\(suffix)", value: Double(memory) / 1e6, unit: "MB",
                target: .valueAtMost(Self.mostMegabytes)))
        try report.add(
            BenchResult(
                bench: "memory/after-start\(suffix)", value: Double(memoryAfterStart) / 1e6,
                unit: "MB"))
        try report.add(
            BenchResult(
                bench: "start/known-tenants\(suffix)", value: start / .seconds(1), unit: "s",
                target: .valueAtMost(Self.mostSeconds)))
        try report.add(
            BenchResult(
                bench: "http/create-tenant\(suffix)", value: creation.requestsPerSecond,
                unit: "requests/s"))
    }

    private func create(_ server: BenchServer) async throws -> LoadResult {
        let token = server.adminToken
        return try await generator(server, status: 201)
            .run(each: tenants) { number in
                let id = "tenant-\(number)"
                return RequestBytes.post(
                    "/api/admin/tenants", credential: token,
                    json: #"{"id":"\#(id)","name":"\#(id)","plan":"free","reason":"bench"}"#)
            }
    }

    private func consume(_ server: BenchServer) async throws {
        let token = server.adminToken
        _ = try await generator(server, status: 200)
            .run(each: max(1, tenants / 10)) { number in
                let charges = #"[{"meter":"api_calls","amount":1}]"#
                return RequestBytes.post(
                    "/api/v1/consume", credential: token,
                    json: #"{"tenant":"tenant-\#(number)","charges":\#(charges)}"#)
            }
    }

    private func generator(_ server: BenchServer, status: Int) -> LoadGenerator {
        LoadGenerator(url: server.url, connections: Self.connections, expectedStatus: status)
    }

    /// The time from starting the process to its first "ready", and its memory then.
    private func restart(_ server: BenchServer) async throws -> (Duration, Int) {
        let begin = ContinuousClock.now
        return try await BenchServer.child(server.launchAgain) { process in
            try await APIClient.open(
                url: server.url, credential: nil, connections: 1, timeout: .seconds(2)
            ) { client in
                while true {
                    if case .answer(let answer) = await client.send("GET", "/readyz"),
                        answer.status == 200
                    {
                        let took = ContinuousClock.now - begin
                        return (took, try ResidentMemory.bytes(of: process.identifier))
                    }
                    if !process.isRunning {
                        throw LoadFailure("the server did not start again")
                    }
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
        }
    }
}
