/// How many of a hundred requests go wrong, and how; the kinds exclude each other.
package struct MockFaultRates: Sendable, Equatable {
    /// Answered with ``MockSettings/failStatus`` before anything is streamed.
    package var fail = 0.0
    /// The connection ends in the middle of the answer.
    package var cut = 0.0
    /// Never answered.
    package var stall = 0.0
    /// An error comes as an event of a stream whose status is 200.
    package var errorInStream = 0.0
    /// The answer is not JSON.
    package var garbage = 0.0
    /// The usage contradicts what was generated.
    package var wrongUsage = 0.0
    /// The connection ends without an answer.
    package var reset = 0.0

    /// Nothing goes wrong.
    package init() {}

    /// All rates, with the names of their flags.
    var named: [(name: String, percent: Double)] {
        [
            ("fail-percent", fail), ("cut-percent", cut), ("stall-percent", stall),
            ("error-in-stream-percent", errorInStream), ("garbage-percent", garbage),
            ("wrong-usage-percent", wrongUsage), ("reset-percent", reset),
        ]
    }
}
