/// Holds one task back until a test lets it go on.
struct Gate: Sendable {
    private let arrivals = AsyncStream.makeStream(of: Void.self)
    private let releases = AsyncStream.makeStream(of: Void.self)

    /// Says that somebody is here, and waits to be let through.
    func pass() async {
        arrivals.continuation.yield()
        for await _ in releases.stream { return }
    }

    /// Waits until somebody is at the gate.
    func arrival() async {
        for await _ in arrivals.stream { return }
    }

    /// Lets one through.
    func open() { releases.continuation.yield() }
}
