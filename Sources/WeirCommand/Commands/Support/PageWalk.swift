import StrictJSON

/// Goes through the pages of a list: decides what to ask next and takes the answers.
struct PageWalk {
    /// The most rows of one page.
    static let largestPage = 1_000

    private let call: Call
    private var remaining: Int?
    private var cursor: String?
    private var isAtEnd = false

    /// A walk of at most `limit` rows; nil for all of them.
    init(_ call: Call, limit: Int?) {
        self.call = call
        remaining = limit
    }

    /// Whether the list goes on after the last row that was taken.
    var hasMore: Bool { !isAtEnd }

    /// The next page's call; nil when the walk is over.
    var next: Call? {
        guard !isAtEnd, remaining != 0 else { return nil }
        let size = min(remaining ?? Self.largestPage, Self.largestPage)
        return call.asking("limit", "\(size)").asking("cursor", cursor)
    }

    /// The rows of a page.
    mutating func take(_ answer: JSONValue) throws(CommandFailure) -> [JSONValue] {
        guard let items = answer["items"]?.arrayValue else {
            throw CommandFailure("the answer is no list: is this Weir's address?")
        }
        let last = cursor
        cursor = answer["next_cursor"]?.stringValue
        isAtEnd = cursor == nil
        guard isAtEnd || cursor?.utf8.elementsEqual((last ?? "").utf8) == false else {
            throw CommandFailure("the server answers the same page again and again")
        }
        guard let rest = remaining else { return items }
        if items.count > rest { isAtEnd = false }
        remaining = max(0, rest - items.count)
        return Array(items.prefix(rest))
    }
}
