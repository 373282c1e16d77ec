/// Some of a model's backends, by their index.
package struct BackendSet: Hashable, Sendable {
    private var bits: UInt64 = 0

    /// No backend.
    package init() {}

    /// Whether a backend is among them.
    package func contains(_ index: Int) -> Bool {
        index >= 0 && index < UInt64.bitWidth && bits & (1 << UInt64(index)) != 0
    }

    /// Adds a backend; one that no pool can have is left out.
    package mutating func insert(_ index: Int) {
        guard index >= 0, index < UInt64.bitWidth else { return }
        bits |= 1 << UInt64(index)
    }
}
