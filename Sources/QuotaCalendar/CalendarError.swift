/// Why a zone, a boundary table or a quantity was refused.
public struct CalendarError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for programs; an open set.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code as it is written.
        public let rawValue: String

        /// Creates a code.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The name is not one of the time-zone database.
        public static let unknownTimeZone = Code(rawValue: "unknown_time_zone")
        /// A boundary table is too short, too long or not strictly increasing.
        public static let invalidBoundaryTable = Code(rawValue: "invalid_boundary_table")
        /// A quantity is negative, or a sum does not fit 64 bits.
        public static let quantityOutOfRange = Code(rawValue: "quantity_out_of_range")
        /// The time-zone database does not give a known vector.
        public static let vectorFailed = Code(rawValue: "calendar_vector_failed")
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong and what would be right, in one line without control characters.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
