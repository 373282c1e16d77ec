@testable import WeirCommand

/// What can befall a request on its way.
enum Fault: Sendable, CaseIterable {
    /// The connection breaks before the server acts.
    case lostRequest
    /// The server acts, and the connection breaks before the answer.
    case lostAnswer
    /// Overload.
    case unavailable
    /// The key is said to be in flight.
    case inFlight

    /// Strikes about one request in three, the same ones for the same seed and order.
    static func draw(_ generator: inout SplitMix64) -> Fault? {
        Int.random(in: 0..<3, using: &generator) == 0
            ? allCases.randomElement(using: &generator) : nil
    }
}
