import StrictJSON

/// The calls for a line of a snapshot that has no place in a batch.
struct SnapshotCalls: Equatable {
    /// Asks whether it is there.
    let lookup: Call
    /// Makes or replaces it.
    let change: Call

    init(_ entry: ManifestEntry) {
        lookup = entry.lookup
        var change = Call(.put, ["api", "admin"] + entry.path)
        // What only the server knows is left out; when an override was set, this one can't know.
        let known = entry.kind.members.map(\.name) + (entry.kind == .override ? ["created_at"] : [])
        for member in entry.members.members where known.contains(member.name) {
            if entry.kind == .override, ["tenant", "meter", "window"].contains(member.name) {
                continue
            }
            change = change.with(member.name, member.value)
        }
        self.change = change
    }
}
