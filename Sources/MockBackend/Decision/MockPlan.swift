/// What happens to a request that is answered: how much, how fast, and what goes wrong.
package struct MockPlan: Sendable, Equatable {
    /// What goes wrong; `fail` and `reset` have been dealt with before.
    package enum Fault: Sendable, Equatable {
        case none
        case cut(after: Int)
        case errorInStream(after: Int)
        case stall
        case garbage
        case endless
    }

    /// What was asked for.
    package let request: MockRequest
    /// What goes wrong.
    package var fault = Fault.none
    /// How many tokens each choice has.
    package var length = 0
    /// How many of these are reasoning, at the beginning.
    package var reasoning = 0
    /// Whether the request's cap ends it, not the answer itself.
    package var isCapped = false
    /// What it says it used; nil when it says nothing.
    package var usage: MockUsage?
    /// How long the first token takes, in nanoseconds.
    package var firstTokenNanoseconds: UInt64 = 0
    /// How fast each choice grows; 0 for as fast as it is read.
    package var tokensPerSecond = 0.0

    /// How many tokens there are in all choices together.
    package var tokens: Int { length * request.choices }

    /// Why each choice ends.
    package var finishReason: StaticString { isCapped ? "length" : "stop" }
}
