import Synchronization

/// Numbers that are given once.
final class Serial: Sendable {
    private let last = Atomic<Int64>(0)

    /// The first of `count` numbers that nobody else gets.
    func next(_ count: Int64 = 1) -> Int64 {
        last.add(count, ordering: .relaxed).newValue - count + 1
    }
}
