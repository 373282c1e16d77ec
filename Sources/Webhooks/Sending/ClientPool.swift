/// Which clients are kept, and which are to be closed.
///
/// At most ``capacity`` are kept; the one that was used least recently makes room. A client that is
/// in use when it must go is closed by whoever gives it back last, so that at most `capacity` and
/// one for each use exist at once.
struct ClientPool<Key: Hashable & Sendable, Client: Sendable>: Sendable {
    /// A client in somebody's hands.
    struct Use: Sendable {
        let client: Client
        fileprivate let key: Key
        fileprivate let id: Int
    }

    /// What ``take(_:make:)`` gives.
    struct Taken: Sendable {
        let use: Use
        /// A client to close now: it had to make room.
        let close: Client?
    }

    private struct Entry: Sendable {
        let id: Int
        let client: Client
        var users: Int
        var lastUse: Int
    }

    /// How many clients are kept.
    let capacity: Int
    private var kept: [Key: Entry] = [:]
    /// Those that had to go while they were in use, by their id.
    private var leaving: [Int: Entry] = [:]
    private var uses = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// How many clients there are.
    var count: Int { kept.count + leaving.count }

    /// The client of a key, made where there is none.
    mutating func take(_ key: Key, make: () -> Client) -> Taken {
        uses += 1
        if var entry = kept[key] {
            entry.users += 1
            entry.lastUse = uses
            kept[key] = entry
            return Taken(use: Use(client: entry.client, key: key, id: entry.id), close: nil)
        }
        var closed: Client?
        let oldest = kept.min { $0.value.lastUse < $1.value.lastUse }
        if kept.count >= capacity, let oldest {
            kept[oldest.key] = nil
            if oldest.value.users == 0 {
                closed = oldest.value.client
            } else {
                leaving[oldest.value.id] = oldest.value
            }
        }
        // No two are made by the same use.
        let entry = Entry(id: uses, client: make(), users: 1, lastUse: uses)
        kept[key] = entry
        return Taken(use: Use(client: entry.client, key: key, id: entry.id), close: closed)
    }

    /// Takes a client back; gives it to close when it had to go and nobody else has it.
    mutating func giveBack(_ use: Use) -> Client? {
        if kept[use.key]?.id == use.id {
            kept[use.key]?.users -= 1
            return nil
        }
        guard var entry = leaving[use.id] else { return nil }
        entry.users -= 1
        leaving[use.id] = entry.users == 0 ? nil : entry
        return entry.users == 0 ? entry.client : nil
    }

    /// Forgets all clients, which are to be closed, in use or not.
    mutating func removeAll() -> [Client] {
        defer {
            kept = [:]
            leaving = [:]
        }
        return kept.values.map(\.client) + leaving.values.map(\.client)
    }
}
