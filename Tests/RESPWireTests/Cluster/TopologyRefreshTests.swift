import NIOCore
@testable import RESPWire
import Testing

@Suite struct TopologyRefreshTests {
    private func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds)
    }

    @Test("one question at a time, and not two in a short while")
    func singleFlight() {
        var refresh = TopologyRefresh()
        var decision = refresh.request(now: at(0))
        #expect(decision == .ask(at: at(0)))
        decision = refresh.request(now: at(0))
        #expect(decision == .nothing)
        #expect(refresh.isScheduled)
        refresh.asked(now: at(0))
        decision = refresh.request(now: at(1))
        #expect(decision == .nothing)
        #expect(refresh.isAsking)
        refresh.answered()
        decision = refresh.request(now: at(10))
        #expect(decision == .ask(at: at(50)))
    }

    @Test("without an answer it is asked again, after waits that grow")
    func failures() {
        var refresh = TopologyRefresh()
        let cause = RESPError.unavailable(why: "x")
        _ = refresh.request(now: at(0))
        let times = (0..<6)
            .map { _ in
                refresh.asked(now: at(0))
                return refresh.failed(cause, now: at(0), random: 1)
            }
        #expect(times == [50, 100, 200, 400, 800, 1_000].map { at($0) })
        #expect(refresh.lastCause == cause)
        refresh.answered()
        #expect(refresh.lastCause == nil)
    }

    @Test("a sentinel's message names the new master, if it is ours")
    func switches() {
        let message = "main 10.0.0.1 6379 10.0.0.2 6380"
        #expect(
            SentinelWatch.newMaster(message, of: "main")
                == RESPEndpoint(host: "10.0.0.2", port: 6_380))
        #expect(SentinelWatch.newMaster(message, of: "other") == nil)
        #expect(SentinelWatch.newMaster("main 10.0.0.1", of: "main") == nil)
    }
}
