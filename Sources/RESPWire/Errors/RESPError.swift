/// Why a call has no value.
///
/// ``isSurelyNotExecuted`` is what a caller decides by: a call for which it is false may have had
/// its effect, and the client has not sent it again.
public struct RESPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is; others may be added.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The kind's name.
        public let rawValue: String

        /// Creates a code from its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// There is no connection; the message names the last cause.
        public static let unavailable = Self(rawValue: "unavailable")
        /// The call was given up before anything of it was written.
        public static let notSent = Self(rawValue: "not_sent")
        /// The command was written, and no answer came: whether it was executed is not known.
        public static let outcomeUnknown = Self(rawValue: "outcome_unknown")
        /// Too many calls are under way; this one was not sent.
        public static let overloaded = Self(rawValue: "overloaded")
        /// The server answered with an error, which is ``RESPError/reply``.
        public static let refused = Self(rawValue: "refused")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, for an operator; no password stands in it.
    public let message: String
    /// The server's error, where it answered with one.
    public let reply: RESPErrorReply?

    /// Creates an error.
    public init(_ code: Code, _ message: String, reply: RESPErrorReply? = nil) {
        self.code = code
        self.message = message
        self.reply = reply
    }

    /// Whether the command had surely no effect.
    ///
    /// True for what was not written, and for errors by which Redis refuses a command as a whole,
    /// such as `MOVED`, `NOSCRIPT` and `LOADING`. Other errors may come out of the middle of a
    /// script.
    public var isSurelyNotExecuted: Bool {
        switch code {
        case .unavailable, .notSent, .overloaded: true
        case .refused: reply.map { RESPErrorReply.Code.withoutEffect.contains($0.code) } ?? false
        default: false
        }
    }

    /// What happened.
    public var description: String { message }
}
