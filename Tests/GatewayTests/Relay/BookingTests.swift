import LLMWire
import Testing

@testable import Gateway

@Suite("what is booked for an answer")
struct BookingTests {
    private func booking(
        usage: Usage? = nil,
        counted: Int64 = 0,
        least: Int64? = nil,
        leastInput: Int64 = 0,
        wasSent: Bool = true,
        _ outcome: ExchangeState.Outcome = .completed,
        maximumOutput: Int64? = nil
    ) -> Booking {
        Booking(
            Seen(
                usage: usage, countedOutput: counted, leastOutput: least ?? counted,
                wasSent: wasSent), outcome,
            estimatedInput: 100, leastInput: leastInput, maximumOutput: maximumOutput)
    }

    @Test("the backend's own figures hold")
    func usage() {
        let usage = Usage(input: 90, cachedInput: 40, output: 20, reasoning: 5)
        let booked = booking(usage: usage, counted: 21)
        #expect(
            booked.tokens == TokenCounts(input: 90, cachedInput: 40, output: 20, reasoning: 5))
        #expect(!booked.isEstimated && !booked.isContradictory)
    }

    @Test("without them the wire's count does, and says so")
    func counted() {
        let booked = booking(counted: 21)
        #expect(booked.tokens == TokenCounts(input: 100, output: 21))
        #expect(booked.isEstimated)
    }

    @Test(
        "figures that the stream contradicts are not taken",
        arguments: [
            (Int64(0), Int64(1), Int64?.none, true),
            (9, 20, nil, true),
            (10, 20, nil, false),
            (20, 20, 20, false),
            (36, 20, 20, false),
            (37, 20, 20, true),
            (1_125, 20, 1_000, false),
            (1_126, 600, 1_000, true),
            (9_007_199_254_740_991, 20, 20, true),
            (1_000_000, 20, nil, false),
        ])
    func contradiction(output: Int64, counted: Int64, cap: Int64?, isContradictory: Bool) {
        let usage = Usage(input: 90, cachedInput: 0, output: output, reasoning: 0)
        let booked = booking(usage: usage, counted: counted, maximumOutput: cap)
        #expect(booked.isContradictory == isContradictory)
        #expect(booked.tokens.output == (isContradictory ? counted : output))
        #expect(booked.tokens.input == 90)
    }

    @Test(
        "an attempt that brought nothing costs nothing, one that was cut costs what was seen",
        arguments: [
            (ExchangeState.Outcome.failed, Int64(0), Int64(0)), (.failed, 5, 105),
            (.timedOut, 0, 0), (.timedOut, 5, 105), (.garbage, 0, 0), (.cancelled, 0, 100),
            (.cancelled, 5, 105), (.exhausted, 5, 105),
        ])
    func ends(outcome: ExchangeState.Outcome, counted: Int64, total: Int64) {
        let booked = booking(counted: counted, outcome)
        #expect(booked.tokens.input + booked.tokens.output == total)
        #expect(booked.isRequest == (total > 0))
    }

    @Test("nobody is sold more than was asked for")
    func capped() {
        #expect(booking(counted: 108_711, .timedOut, maximumOutput: 20).tokens.output == 20)
        let usage = Usage(input: 90, cachedInput: 0, output: 500, reasoning: 0)
        #expect(booking(usage: usage, counted: 25, maximumOutput: 20).tokens.output == 20)
    }

    @Test("where backend and text both speak for more than the cap, it was not heard of")
    func unheardCap() {
        let usage = Usage(input: 90, cachedInput: 0, output: 2_000, reasoning: 0)
        let whole = booking(usage: usage, counted: 2_500, least: 313, maximumOutput: 1)
        #expect(whole.tokens.output == 2_000)
        #expect(whole.isContradictory)
        #expect(booking(counted: 2_500, least: 313, maximumOutput: 1).tokens.output == 2_500)
        // What was cut had been stopped because of it.
        #expect(booking(counted: 120, .overrun, maximumOutput: 20).tokens.output == 20)
    }

    @Test("a prompt is never free, and a text of many bytes a token is believed")
    func plausible() {
        let nothing = Usage(input: 0, cachedInput: 0, output: 0, reasoning: 0)
        let free = booking(usage: nothing, leastInput: 1)
        #expect(free.tokens.input == 100)
        #expect(free.isContradictory && free.isEstimated && free.isRequest)
        // Nothing came of it: nothing is to be paid.
        #expect(booking(usage: nothing, leastInput: 1, .failed).tokens.input == 0)
        let hindi = Usage(input: 90, cachedInput: 0, output: 210, reasoning: 0)
        #expect(booking(usage: hindi, counted: 440, least: 55).tokens.output == 210)
        // No text at all, and a prompt of none: it was a request all the same.
        #expect(booking(usage: nothing).isRequest)
    }

    @Test("what was never sent is not booked")
    func unsent() {
        let booked = booking(wasSent: false, .cancelled)
        #expect(!booked.isRequest)
    }
}
