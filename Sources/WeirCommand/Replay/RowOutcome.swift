/// How a row ended.
enum RowOutcome: Equatable, Sendable {
    /// Reserved and settled.
    case admitted
    /// Refused by a limit; nothing was charged.
    case refused(limit: String, reason: String)
    /// The server called the request wrong; nothing was charged.
    case rejected(String)
    /// No answer came in time: it may have been charged or not.
    case unknown(String)
}
