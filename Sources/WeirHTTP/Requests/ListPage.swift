import StrictJSON

/// Which part of a list is asked for, and how it is answered.
struct ListPage {
    /// The most elements of a page.
    static let maximumLimit = 1_000

    /// The most elements.
    let limit: Int
    /// The last element of the page before.
    let after: String?
    private let list: String

    init(_ query: inout Query) throws(Problem) {
        limit = try query.integer("limit", in: 1...Self.maximumLimit) ?? 100
        after = try query.cursor("cursor")
        list = query.list
        try query.finish()
    }

    init(_ request: APIRequest) throws(Problem) {
        var query = try request.query()
        try self.init(&query)
    }

    /// The place where the list goes on, in so many parts: see ``Cursor/place(_:)``.
    func place(_ count: Int) throws(Problem) -> [String]? {
        guard let after else { return nil }
        let parts = after.split(separator: "\n", omittingEmptySubsequences: false)
        guard parts.count == count else { throw Self.foreignCursor }
        return parts.map(String.init)
    }

    /// A cursor of another list.
    static var foreignCursor: Problem {
        .invalidQuery("cursor", "is not a cursor that this list answered")
    }

    /// `{"items":[…],"next_cursor":…}` of at most `limit` of the elements that were found.
    func answer<Element>(
        _ found: [Element],
        head: (inout JSONWriter) -> Void = { _ in },
        id: (Element) -> String,
        write: (Element, inout JSONWriter) -> Void
    ) -> APIAnswer {
        let shown = found.prefix(limit)
        let next = found.count > limit ? shown.last.map(id) : nil
        return answer(shown, next: next, head: head, write: write)
    }

    /// `{"items":[…],"next_cursor":…}` of all these elements; `next` is the place where the list
    /// goes on, nil at its end.
    func answer<Element>(
        _ shown: some Collection<Element>,
        next: String?,
        head: (inout JSONWriter) -> Void = { _ in },
        write: (Element, inout JSONWriter) -> Void
    ) -> APIAnswer {
        .json(capacity: 4096) { writer in
            head(&writer)
            writer.array("items") { writer in
                for element in shown { write(element, &writer) }
            }
            writer.member("next_cursor", next.map { Cursor.encode($0, list: list) })
        }
    }
}
