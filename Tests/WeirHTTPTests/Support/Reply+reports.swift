import StrictJSON

extension Reply {
    /// The results of a batch.
    var results: [JSONValue] { self["results"]?.arrayValue ?? [] }

    /// The statuses of the results of a batch; −1 where there is none.
    var statuses: [Int64] { results.map { $0["status"]?.integerValue ?? -1 } }

    /// The items of a list.
    var items: [JSONValue] { self["items"]?.arrayValue ?? [] }

    /// An allocation that a usage answer shows, by its id.
    func allocation(_ id: String) -> JSONValue? {
        self["allocations"]?.arrayValue?.first { $0["id"]?.stringValue == id }
    }

    /// The units allocated; −1 when the answer does not show it.
    func allocated(_ id: String) -> Int64 { allocation(id)?["used"]?.integerValue ?? -1 }
}
