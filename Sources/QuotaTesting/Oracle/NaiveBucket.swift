import QuotaModel

/// A bucket as the naive count sees it: what lies in it, in tokens × window nanoseconds.
struct NaiveBucket: Sendable {
    private let quantity: Int128
    private let window: Int128
    private let full: Int128
    private var level: Int128
    private var at: Timestamp

    init(_ limit: NaiveLimit, full now: Timestamp) {
        var window: Int64 = 1
        var burst: Int64 = 0
        if case .rate(let nanoseconds, let tokens) = limit.span {
            window = nanoseconds
            burst = tokens
        }
        quantity = Int128(limit.quantity ?? 0)
        self.window = Int128(window)
        full = Int128(burst) * Int128(window)
        level = full
        at = now
    }

    mutating func fill(now: Timestamp) {
        if now <= at { return }
        level = min(full, level + Int128(now.nanoseconds - at.nanoseconds) * quantity)
        at = now
    }

    func has(_ amount: Int64) -> Bool { level >= Int128(amount) * window }

    mutating func take(_ amount: Int64) {
        level -= Int128(amount) * window
    }
}
