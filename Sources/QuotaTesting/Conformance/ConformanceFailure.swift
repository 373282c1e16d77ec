/// A promise that a store did not keep.
public struct ConformanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was promised.
    public let promise: String
    /// What was seen instead.
    public let seen: String
    /// The line of the suite that looked.
    public let line: UInt

    /// Creates a failure.
    public init(promise: String, seen: String, line: UInt) {
        self.promise = promise
        self.seen = seen
        self.line = line
    }

    /// What was promised and what was seen.
    public var description: String { "promised: \(promise); seen: \(seen) (line \(line))" }
}

/// Fails unless a promise is kept.
func expect(
    _ isKept: Bool,
    _ promise: String,
    saw seen: @autoclosure () -> String = "the opposite",
    line: UInt = #line
) throws(ConformanceFailure) {
    if isKept { return }
    throw ConformanceFailure(promise: promise, seen: seen(), line: line)
}

/// Fails unless two values are equal.
func expectEqual<Value: Equatable>(
    _ seen: Value,
    _ expected: Value,
    _ promise: String,
    line: UInt = #line
) throws(ConformanceFailure) {
    if seen == expected { return }
    throw ConformanceFailure(
        promise: "\(promise), that is \(expected)", seen: "\(seen)", line: line)
}
