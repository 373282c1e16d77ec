import NIOCore
import NIOHTTP1
import Testing

@testable import WeirServer

@Suite("what a connection waits for")
struct ConnectionStateTests {
    private static let limits = ListenerLimits()
    private var state = ConnectionState(limits: limits)
    private let refusal = Refusal.badRequest("no")

    /// So many seconds after the start.
    private func at(_ seconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000) + .seconds(seconds)
    }

    private mutating func opened() {
        state.opened(now: at(0))
    }

    private mutating func bytes(at seconds: Int64) -> Bool {
        state.received(areBlank: false, now: at(seconds))
    }

    private mutating func head(
        at seconds: Int64,
        isLast: Bool = false,
        expectsContinue: Bool = false
    ) -> ConnectionState.Action {
        state.headEnded(isLast: isLast, expectsContinue: expectsContinue, now: at(seconds))
    }

    /// A whole request without a body.
    private mutating func request(at seconds: Int64, isLast: Bool = false) {
        #expect(bytes(at: seconds))
        #expect(head(at: seconds, isLast: isLast) == .none)
        #expect(state.requestEnded(now: at(seconds)) == .none)
    }

    private mutating func answer(at seconds: Int64) -> ConnectionState.Action {
        _ = state.answerStarted(now: at(seconds))
        return state.answerEnded(now: at(seconds))
    }

    // MARK: Heads

    @Test("a connection on which nothing comes is closed without a word")
    mutating func silence() {
        opened()
        #expect(state.deadline == .init(wait: .head, time: at(10)))
        #expect(state.timerFired(now: at(9)) == .none)
        #expect(state.timerFired(now: at(10)) == .close)
        #expect(state.deadline == nil)
    }

    @Test("bytes of a head extend nothing")
    mutating func tricklingHead() {
        opened()
        for second in 1...9 as ClosedRange<Int64> {
            #expect(bytes(at: second))
            #expect(state.deadline == .init(wait: .head, time: at(10)))
        }
        #expect(state.timerFired(now: at(10)) == .refuse(.headerTimeout))
        #expect(!bytes(at: 10), "nothing more is wanted")
    }

    @Test("between two requests the connection may lie idle, until the next one begins")
    mutating func secondHead() {
        opened()
        request(at: 1)
        #expect(state.deadline == nil)
        #expect(answer(at: 2) == .none)
        #expect(state.deadline == .init(wait: .idle, time: at(77)))
        #expect(state.received(areBlank: true, now: at(50)) == true)
        #expect(
            state.deadline == .init(wait: .idle, time: at(77)),
            "line ends may stand before a request")
        #expect(bytes(at: 60))
        #expect(state.deadline == .init(wait: .head, time: at(70)))
        #expect(state.timerFired(now: at(70)) == .refuse(.headerTimeout))
    }

    @Test("a connection that lies idle is closed, and each request makes it wait anew")
    mutating func idle() {
        opened()
        request(at: 1)
        #expect(answer(at: 2) == .none)
        request(at: 60)
        #expect(state.timerFired(now: at(77)) == .none)
        #expect(answer(at: 80) == .none)
        #expect(state.timerFired(now: at(154)) == .none)
        #expect(state.timerFired(now: at(155)) == .close)
    }

    @Test("while an answer is owed, the next head has time")
    mutating func pipelinedHead() {
        opened()
        request(at: 1)
        #expect(bytes(at: 2))
        #expect(state.deadline == nil)
        #expect(answer(at: 300) == .none)
        #expect(state.deadline == .init(wait: .head, time: at(310)))
    }

    // MARK: Bodies

    @Test("bytes of a body extend nothing")
    mutating func tricklingBody() {
        opened()
        #expect(bytes(at: 1))
        #expect(head(at: 2) == .none)
        for second in 3...31 as ClosedRange<Int64> {
            #expect(bytes(at: second))
            state.bodyReceived()
            #expect(state.deadline == .init(wait: .body, time: at(32)))
        }
        #expect(state.timerFired(now: at(32)) == .refuse(.bodyTimeout))
        #expect(!state.takesAnswers)
        #expect(state.isMidBody, "who reads the body has to be told")
    }

    @Test("once the body is whole, the answer may take any time")
    mutating func slowAnswer() {
        opened()
        request(at: 1)
        #expect(state.deadline == nil)
        #expect(state.timerFired(now: at(10)) == .none)
        #expect(state.timerFired(now: at(31)) == .none)
        #expect(state.timerFired(now: at(5_000)) == .none)
        #expect(answer(at: 5_001) == .none)
    }

    @Test("an early answer leaves the rest of the body its deadline, and the next request none")
    mutating func earlyAnswer() {
        opened()
        #expect(bytes(at: 1))
        #expect(head(at: 1) == .none)
        #expect(answer(at: 2) == .none)
        #expect(state.deadline == .init(wait: .body, time: at(31)), "it goes on")
        #expect(state.requestEnded(now: at(30)) == .none)
        #expect(state.deadline == .init(wait: .idle, time: at(105)))
        #expect(bytes(at: 30))
        #expect(head(at: 30) == .none)
        #expect(state.timerFired(now: at(31)) == .none, "the timer of the request before")
        #expect(state.deadline == .init(wait: .body, time: at(60)))
    }

    @Test("a body whose answer is out already ends in silence")
    mutating func lateBodyAfterAnswer() {
        opened()
        #expect(bytes(at: 1))
        #expect(head(at: 1) == .none)
        #expect(answer(at: 2) == .none)
        #expect(state.timerFired(now: at(31)) == .close)
    }

    @Test("a body whose answer has begun ends in silence")
    mutating func lateBodyDuringAnswer() {
        opened()
        #expect(bytes(at: 1))
        #expect(head(at: 1) == .none)
        #expect(state.answerStarted(now: at(1)) == .none)
        #expect(state.timerFired(now: at(31)) == .close)
    }

    @Test("a pipelined body has its time once it is its turn")
    mutating func pipelinedBody() {
        opened()
        request(at: 1)
        #expect(bytes(at: 1))
        #expect(head(at: 1) == .none)
        #expect(state.deadline == nil)
        #expect(answer(at: 100) == .none)
        #expect(state.deadline == .init(wait: .body, time: at(130)))
        #expect(state.timerFired(now: at(130)) == .refuse(.bodyTimeout))
    }

    // MARK: Expectations

    @Test("a body that is held back is asked for, once")
    mutating func expectation() {
        opened()
        #expect(bytes(at: 1))
        #expect(head(at: 1, expectsContinue: true) == .sendContinue)
        #expect(state.requestEnded(now: at(2)) == .none)
        #expect(answer(at: 2) == .none)
    }

    @Test("a body that is held back is asked for after the answers before it")
    mutating func pipelinedExpectation() {
        opened()
        request(at: 1)
        #expect(head(at: 1, expectsContinue: true) == .none)
        #expect(state.answerStarted(now: at(2)) == .none)
        #expect(state.answerEnded(now: at(2)) == .sendContinue)
    }

    @Test("a body that has come is not asked for")
    mutating func impatientExpectation() {
        opened()
        request(at: 1)
        #expect(head(at: 1, expectsContinue: true) == .none)
        state.bodyReceived()
        #expect(answer(at: 2) == .none)
    }

    // MARK: Refusals

    @Test("a refusal comes after the answers before it, and nothing after it")
    mutating func refusalInOrder() {
        opened()
        request(at: 1)
        request(at: 1)
        #expect(state.refuse(refusal, now: at(2)) == .none)
        #expect(!bytes(at: 2))
        #expect(!state.takesRequests)
        #expect(state.takesAnswers)
        #expect(answer(at: 3) == .none)
        #expect(answer(at: 4) == .refuse(refusal))
        #expect(!state.takesAnswers)
        #expect(state.refuse(refusal, now: at(5)) == .none, "once")
    }

    @Test("a bad body is refused in the place of its own answer")
    mutating func refusedBody() {
        opened()
        request(at: 1)
        #expect(head(at: 1) == .none)
        #expect(state.refuse(refusal, now: at(2)) == .none)
        #expect(answer(at: 3) == .refuse(refusal))
    }

    @Test("after a refusal the other end has two seconds to read it")
    mutating func goodbye() {
        opened()
        #expect(bytes(at: 1))
        #expect(state.refuse(refusal, now: at(2)) == .refuse(refusal))
        #expect(state.isGoodbye)
        #expect(state.deadline == .init(wait: .goodbye, time: at(4)))
        #expect(!bytes(at: 3))
        #expect(state.deadline == .init(wait: .goodbye, time: at(4)))
        #expect(state.timerFired(now: at(4)) == .close)
    }

    @Test("when the other end has closed too, nothing is waited for")
    mutating func goodbyeAnswered() {
        opened()
        #expect(state.inputClosed(now: at(1)) == .none)
        #expect(state.refuse(refusal, now: at(2)) == .refuse(refusal))
        #expect(state.inputClosed(now: at(3)) == .close)
    }

    @Test("who sends no more has left an answer without an end, and no other")
    mutating func endlessAnswers() {
        opened()
        request(at: 1)
        var before = state
        #expect(state.answerStarted(isEndless: true, now: at(2)) == .none)
        #expect(state.inputClosed(now: at(3)) == .close)
        #expect(!state.takesAnswers)
        #expect(before.inputClosed(now: at(2)) == .none)
        var after = before
        #expect(before.answerStarted(isEndless: true, now: at(3)) == .close)
        #expect(after.answerStarted(now: at(3)) == .none)
        #expect(after.takesAnswers)
    }

    @Test("an answer without an end that has ended is as any other")
    mutating func endedEndlessAnswer() {
        opened()
        request(at: 1)
        #expect(state.answerStarted(isEndless: true, now: at(2)) == .none)
        #expect(state.answerEnded(now: at(3)) == .none)
        request(at: 4)
        #expect(state.answerStarted(now: at(5)) == .none)
        #expect(state.inputClosed(now: at(6)) == .none)
    }

    // MARK: Last requests

    @Test("after the last request nothing is read, and its answer ends the connection")
    mutating func lastRequest() {
        opened()
        request(at: 1)
        #expect(!state.isLastAnswer)
        request(at: 1, isLast: true)
        #expect(!state.isLastAnswer, "one comes before it")
        #expect(!bytes(at: 1))
        #expect(state.refuse(refusal, now: at(1)) == .none, "what follows is nobody's")
        #expect(answer(at: 2) == .none)
        #expect(state.isLastAnswer)
        #expect(answer(at: 3) == .sayGoodbye)
    }

    @Test("the last request may send its body after an early answer")
    mutating func lastRequestWithBody() {
        opened()
        #expect(bytes(at: 1))
        #expect(head(at: 1, isLast: true) == .none)
        #expect(answer(at: 2) == .none)
        #expect(bytes(at: 3))
        #expect(state.requestEnded(now: at(4)) == .sayGoodbye)
    }
}
