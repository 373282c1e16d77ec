import Foundation

/// A call of the system that failed.
public struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the call.
    public let call: String
    /// The system's number for what went wrong.
    public let number: Int32

    /// Creates an error.
    public init(_ call: String, _ number: Int32) {
        self.call = call
        self.number = number
    }

    /// Whether the disk, or the user's part of it, has no room left.
    public var isNoSpace: Bool { number == ENOSPC || number == EDQUOT }

    /// What went wrong, in the system's words.
    public var description: String { "\(call): \(String(cString: strerror(number)))" }
}
