import Testing
import WeirClient

@testable import WeirCommand

struct RowMachineTests {
    private var machine = RowMachine(retryFor: .seconds(10))

    @Test mutating func reservesThenSettles() {
        #expect(machine.request() == .reserve)
        #expect(receive(.reserved("r_1")) == .settle(reservation: "r_1"))
        #expect(receive(.settled) == .finish(.admitted))
        #expect(machine.retries == 0)
    }

    @Test mutating func refusalEndsTheRow() {
        #expect(
            receive(.refused(limit: "tenant:ai_tokens/month", reason: "quota_exceeded"))
                == .finish(
                    .refused(limit: "tenant:ai_tokens/month", reason: "quota_exceeded")))
    }

    @Test mutating func lostAnswersAreAskedForAgain() {
        #expect(receive(.tryAgain("reset")) == .wait(.milliseconds(5)))
        #expect(machine.request() == .reserve)
        #expect(receive(.tryAgain("reset")) == .wait(.milliseconds(10)))
        #expect(receive(.reserved("r_1")) == .settle(reservation: "r_1"))
        // The other step begins with short waits again.
        #expect(receive(.tryAgain("reset")) == .wait(.milliseconds(5)))
        #expect(machine.request() == .settle(reservation: "r_1"))
        #expect(receive(.settled) == .finish(.admitted))
        #expect(machine.retries == 3)
    }

    @Test mutating func timeUpLeavesTheOutcomeUnknown() {
        #expect(
            receive(.tryAgain("reset"), after: .seconds(10))
                == .finish(.unknown("reserve: reset")))
    }

    @Test mutating func timeCountsOverBothSteps() {
        _ = receive(.reserved("r_1"), after: .seconds(9))
        #expect(receive(.tryAgain("x"), after: .seconds(9)) == .wait(.milliseconds(5)))
        #expect(
            receive(.tryAgain("reset"), after: .seconds(11))
                == .finish(.unknown("settle: reset")))
    }

    @Test mutating func wrongRequestsAreNotRepeated() {
        #expect(
            receive(.rejected("status 422: x")) == .finish(.rejected("reserve: status 422: x")))
        machine = RowMachine(retryFor: .seconds(10))
        _ = receive(.reserved("r_1"))
        #expect(
            receive(.rejected("status 404: x")) == .finish(.unknown("settle: status 404: x")))
    }

    @Test func waitsDoubleUpToASecond() {
        var backoff = Backoff()
        let waits = (0..<10).map { _ in backoff.next(jitter: 1) }
        #expect(waits[0] == .milliseconds(10))
        #expect(waits[6] == .milliseconds(640))
        #expect(waits[7] == .seconds(1))
        #expect(waits[9] == .seconds(1))
        #expect(backoff.next(jitter: 0) == .milliseconds(500))
    }

    private mutating func receive(
        _ reply: RowReply, after elapsed: Duration = .zero
    ) -> RowMachine.Action {
        machine.receive(reply, elapsed: elapsed, jitter: 0)
    }
}
