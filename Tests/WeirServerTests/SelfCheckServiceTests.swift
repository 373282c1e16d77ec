import LedgerSQLite
import Logging
import PrometheusExposition
import QuotaLedger
import QuotaModel
import QuotaTesting
import ServiceLifecycle
import Testing

@testable import WeirServer

@Suite("the self-check beside a server")
struct SelfCheckServiceTests {
    @Test("runs in slices, waits for the interval, and runs again by the clock it is given")
    func runs() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Timestamp(seconds: 1_000))
        let ledger = try LedgerSQLite(folder: DataFolder(path: folder.path), clock: clock.read)
        let registry = MetricRegistry()
        let (stream, ended) = AsyncStream.makeStream(of: Double.self)
        let verified = registry.gauge("weir_ledger_verified_seconds", help: "")
        let service = SelfCheckService(
            report: SelfCheckReport(registry: registry, logger: Logger(label: "test")),
            interval: .seconds(3_600), folder: folder.path, clock: clock.read
        ) { duration in
            clock.advance(by: duration)
            if duration == .seconds(3_600) { ended.yield(verified.value) }
        }
        let task = Task { try await service.run() }
        var ends: [Double] = []
        for await end in stream {
            ends.append(end)
            if ends.count == 3 { break }
        }
        task.cancel()
        try await task.value
        #expect(ends[0] >= 1_000 && ends[0] < 1_010)
        #expect(ends[1] >= ends[0] + 3_600 && ends[1] < ends[0] + 3_700)
        #expect(ends[2] >= ends[1] + 3_600)
        try await ledger.close()
    }
}
