/// Why the journal could not do what it was asked.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name, as it stands in logs.
        public let description: String

        /// No room within the journal's bound: nothing was written, and it passes with a release.
        public static let full = Code(description: "full")
        /// A sync failed: what is on the disk is unknown, and only a restart helps.
        public static let broken = Code(description: "broken")
        /// The journal was closed.
        public static let closed = Code(description: "closed")
        /// A file does not hold what was written to it.
        public static let damaged = Code(description: "damaged")
        /// A file was written by a version with another format.
        public static let unknownFormat = Code(description: "unknown_format")
        /// A file belongs to another generation of the ledger.
        public static let generation = Code(description: "generation")
        /// The folder can't be used.
        public static let unusableFolder = Code(description: "unusable_folder")
        /// The disk is full: nothing was written.
        public static let diskFull = Code(description: "disk_full")
        /// The record's extension or a name is larger than the format allows.
        public static let tooLarge = Code(description: "too_large")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, for people.
    public let message: String
    /// The file it happened in, if it was one.
    public private(set) var file: String?
    /// Where in the file, in bytes from its start.
    public let offset: Int?

    /// Creates an error.
    public init(_ code: Code, _ message: String, file: String? = nil, offset: Int? = nil) {
        self.code = code
        self.message = message
        self.file = file
        self.offset = offset
    }

    /// What is wrong, for people.
    public var description: String {
        switch (file, offset) {
        case (let file?, let offset?): "\(file), byte \(offset): \(message)"
        case (let file?, nil): "\(file): \(message)"
        case (nil, let offset?): "byte \(offset): \(message)"
        case (nil, nil): message
        }
    }

    /// The same error, with the file it was found in.
    func located(in file: String) -> JournalError {
        var error = self
        error.file = self.file ?? file
        return error
    }

    static func damaged(_ message: String, at offset: Int? = nil) -> JournalError {
        JournalError(.damaged, message, offset: offset)
    }
}
