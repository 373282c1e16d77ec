/// The names seen so far in one object.
///
/// A few are compared one by one. From ``indexedCount`` on they are kept in a set, so that an
/// object of 100,000 members takes linear time; its hash is seeded, so that names cannot be
/// chosen to collide.
struct MemberNames {
    private static let indexedCount = 12

    private var index: Set<ByteString> = []

    /// Whether `name` differs from those of `members`, all of which have gone through here.
    mutating func insert(_ name: String, after members: [JSONObject.Member]) -> Bool {
        guard members.count >= Self.indexedCount else {
            return !members.contains { $0.name.hasSameBytes(as: name) }
        }
        if index.isEmpty {
            index = Set(members.lazy.map { ByteString(text: $0.name) })
        }
        return index.insert(ByteString(text: name)).inserted
    }
}
