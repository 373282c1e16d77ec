/// What goes wrong with a request.
package enum MockFault: Sendable, Equatable {
    /// Nothing.
    case none
    /// It is answered with this status before anything is streamed.
    case fail(status: Int)
    /// The connection ends after so many tokens; nil for a place that is drawn.
    case cut(after: Int?)
    /// An error event comes after so many tokens; nil for a place that is drawn.
    case errorInStream(after: Int?)
    /// It is never answered.
    case stall
    /// The answer is not JSON.
    case garbage
    /// The usage contradicts what was generated.
    case wrongUsage
    /// The connection ends without an answer.
    case reset
    /// The stream does not end.
    case endless

    /// Reads `500`, `cut:3`, `cut`, `error:3`, `error`, `stall`, `garbage`, `wrong-usage`,
    /// `reset`, `endless` or `none`; nil for anything else.
    package init?(directive text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let count = Int(parts[1]), (0...MockSettings.maximumTokens).contains(count)
            else { return nil }
            switch parts[0] {
            case "cut": self = .cut(after: count)
            case "error": self = .errorInStream(after: count)
            default: return nil
            }
            return
        }
        switch text {
        case "none": self = .none
        case "cut": self = .cut(after: nil)
        case "error": self = .errorInStream(after: nil)
        case "stall": self = .stall
        case "garbage": self = .garbage
        case "wrong-usage": self = .wrongUsage
        case "reset": self = .reset
        case "endless": self = .endless
        default:
            guard let status = Int(text), (400...599).contains(status) else { return nil }
            self = .fail(status: status)
        }
    }
}
