import Synchronization

/// Whether the server wants requests.
public final class Readiness: Sendable {
    private let ready = Atomic<Bool>(false)

    /// Not ready yet.
    public init() {}

    /// Whether requests are wanted.
    public var isReady: Bool { ready.load(ordering: .acquiring) }

    /// Starts or stops wanting requests.
    public func set(_ isReady: Bool) {
        ready.store(isReady, ordering: .releasing)
    }
}
