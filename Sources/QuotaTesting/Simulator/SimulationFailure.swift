/// What a simulation found: an invariant that does not hold, and after which step.
public struct SimulationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let message: String
    /// How many steps were taken.
    public let step: Int

    /// What is wrong, and when.
    public var description: String { "step \(step): \(message)" }
}
