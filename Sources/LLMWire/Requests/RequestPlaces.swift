/// Where those members of a body stand that may have to change on the way to the backend.
struct RequestPlaces: Sendable, Hashable {
    /// An object: where its first member starts, or would.
    struct Object: Sendable, Hashable {
        var start: Int
        var isEmpty = true
    }

    /// What is known of `stream_options`.
    enum StreamOptions: Sendable, Hashable {
        case missing
        case null(Range<Int>)
        case object(Object)
        /// An object with this value of `include_usage`.
        case includesUsage(Range<Int>)
    }

    let endpoint: Endpoint
    /// How long the body was that was scanned.
    let byteCount: Int
    var root = Object(start: 0)
    /// The model's value, with its quotes.
    var model: Range<Int>?
    var streamOptions = StreamOptions.missing
}
