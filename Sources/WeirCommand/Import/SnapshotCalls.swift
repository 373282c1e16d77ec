import StrictJSON

/// The calls for a line of a snapshot that has no place in a batch.
struct SnapshotCalls: Equatable {
    /// Asks whether it is there.
    let lookup: Call
    /// Makes or replaces it.
    let change: Call

    init(_ entry: ManifestEntry) {
        let path = ["api", "admin"] + entry.path
        lookup = Call(.get, path)
        var change = Call(.put, path)
        // What only the server knows is left out.
        let known = entry.kind.members.map(\.name)
        for member in entry.members.members where known.contains(member.name) {
            if entry.kind == .override, ["tenant", "meter", "window"].contains(member.name) {
                continue
            }
            change = change.with(member.name, member.value)
        }
        self.change = change
    }
}
