/// What a simulation found: an invariant that does not hold, and after which step.
public struct SimulationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let message: String
    /// How many steps were taken.
    public let step: Int

    /// What is wrong, without the names and numbers of this run.
    package var kind: String {
        message.split(separator: " ")
            .filter { word in !word.contains { $0.isNumber || $0 == ":" } }
            .joined(separator: " ")
    }

    /// What is wrong, and when.
    public var description: String { "step \(step): \(message)" }
}
