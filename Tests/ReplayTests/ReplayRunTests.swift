import Testing

@testable import WeirCommand

struct ReplayRunTests {
    private func run(_ rows: String, estimate: Int64, tenants: Int = 1) throws -> ReplayRun {
        let trace = try Trace(csv: Array("\(Trace.header)\n\(rows)".utf8), name: "t.csv")
        return ReplayRun(name: "x", trace: trace, tenants: tenants, seed: 1, estimate: estimate)
    }

    @Test func reservesAtLeastOneTokenAndSettlesWhatWasUsed() throws {
        let run = try run("2023-11-16 18:15:46,0,0\n2023-11-16 18:15:46,10,5", estimate: 0)
        #expect(run.reservedTokens(0) == 1)
        #expect(run.settledTokens(0) == 0)
        #expect(run.reservedTokens(1) == 10)
        #expect(run.settledTokens(1) == 15)
    }

    @Test func largestAmountsStayLegal() throws {
        let most = TraceRow.maximumTokens
        let run = try run("2023-11-16 18:15:46,\(most),\(most)", estimate: most)
        #expect(run.reservedTokens(0) < 1 << 53)
        #expect(run.settledTokens(0) < 1 << 53)
    }

    @Test func idsAndKeysBelongToTheRun() throws {
        let run = try run("2023-11-16 18:15:46,1,1", estimate: 0, tenants: 12_345)
        #expect(run.tenants.first == "replay-x-00001")
        #expect(run.tenants.last == "replay-x-12345")
        #expect(run.reserveKey(0) == "x-1")
        #expect(run.settleKey(0) == "x-1-settle")
    }

    @Test func offsetsAreNeverNegative() throws {
        let run = try run(
            "2023-11-16 18:15:46,1,1\n2023-11-16 18:15:45,1,1\n2023-11-16 18:15:48.5,1,1",
            estimate: 0)
        #expect((0..<3).map(run.offset) == [.zero, .zero, .milliseconds(2_500)])
    }
}
