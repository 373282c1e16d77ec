/// Why an account refused a change.
public enum AccountError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A balance would leave the range of `Int64`.
    case overflow
    /// The change would break conservation; the caller has a defect.
    case notConserved
    /// The account's period is closed and never changes.
    case periodClosed
    /// The grant is not in a state that allows the change.
    case wrongGrantState
    /// The amount is negative, or more than the grant has left.
    case invalidAmount

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .overflow: "the balance would leave the range of a 64-bit integer"
        case .notConserved: "the balances would not add up to the capacity"
        case .periodClosed: "the period is closed"
        case .wrongGrantState: "the grant is not in a state that allows this"
        case .invalidAmount: "the amount is out of range"
        }
    }
}
