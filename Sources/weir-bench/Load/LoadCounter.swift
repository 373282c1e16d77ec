import NIOCore
import WeirClient

/// Gives out requests and counts responses; lives on the generator's one event loop.
final class LoadCounter {
    private let source: RequestSource
    private var given = 0
    private(set) var result = LoadResult()

    init(_ source: RequestSource) {
        self.source = source
    }

    /// The next request of a connection, or nil when there is none.
    ///
    /// `turn` is how many the connection has sent, plus its number.
    func next(turn: Int, now: NIODeadline) -> ByteBuffer? {
        switch source {
        case .cycle(let requests, let deadline):
            return now < deadline ? requests[turn % requests.count] : nil
        case .each(let count, let request):
            guard given < count else { return nil }
            given += 1
            return request(given - 1)
        }
    }

    func count(nanoseconds: Int64) {
        result.requests += 1
        result.latency.record(nanoseconds: UInt64(max(0, nanoseconds)))
    }

    func keep(sample: [UInt8]) {
        result.sample = sample
    }
}
