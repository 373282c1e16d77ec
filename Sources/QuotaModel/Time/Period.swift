/// One period of a calendar: half-open, `[start, end)`, in UTC.
public struct Period: Hashable, Sendable {
    /// The first instant inside.
    public let start: Timestamp
    /// The first instant after it.
    public let end: Timestamp
    /// Which period of its rule this is; 0 begins at the rule's anchor.
    public let index: Int64

    /// Creates a period.
    ///
    /// - Precondition: `start < end`.
    public init(start: Timestamp, end: Timestamp, index: Int64) {
        precondition(start < end, "a period must not be empty")
        self.start = start
        self.end = end
        self.index = index
    }

    /// Whether `instant` lies inside; the end does not.
    public func contains(_ instant: Timestamp) -> Bool {
        start <= instant && instant < end
    }

    /// The period without an end, of lifetime limits and allocations.
    public static let lifetime = Period(start: .distantPast, end: .distantFuture, index: 0)
}
