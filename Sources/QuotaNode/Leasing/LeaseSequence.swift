/// The numbers of a node's leases, and which of them it still waits for.
package struct LeaseSequence: Sendable {
    private var next: Int64 = 1
    /// The first numbers of draws that are under way, each with how many numbers it has.
    private var waiting: [Int64: Int] = [:]

    /// Begins at 1.
    package init() {}

    /// Numbers for a draw.
    package mutating func take(_ count: Int) -> Int64 {
        let first = next
        next += Int64(count)
        waiting[first] = count
        return first
    }

    /// A draw is over: it was answered for good.
    package mutating func end(_ first: Int64) { waiting[first] = nil }

    /// The smallest number that is waited for: no smaller one will be asked for again.
    package var floor: Int64 { waiting.keys.min() ?? next }
}
