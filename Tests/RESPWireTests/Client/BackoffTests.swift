import RESPWire
import Testing

@Suite struct BackoffTests {
    private let bounds = Backoff.Bounds(first: .milliseconds(100), cap: .seconds(1))

    private func expect(_ backoff: inout Backoff, _ random: Double, _ wait: Duration) {
        let next = backoff.next(random: random)
        #expect(next == wait)
    }

    @Test("ceilings double up to the cap")
    func ceilings() {
        var backoff = Backoff(bounds)
        let waits = (0..<6).map { _ in backoff.next(random: 1) }
        #expect(waits == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
        backoff.reset()
        expect(&backoff, 1, .milliseconds(100))
    }

    @Test("the jitter is full, and yet no wait is nothing")
    func jitter() {
        var backoff = Backoff(bounds)
        expect(&backoff, 0, Backoff.least)
        expect(&backoff, 0.5, .milliseconds(100))
        expect(&backoff, -3, Backoff.least)
        expect(&backoff, 7, .milliseconds(800))
    }
}
