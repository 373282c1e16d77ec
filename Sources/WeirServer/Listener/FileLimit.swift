import Foundation

/// How many files and sockets this process may have open.
///
/// A listener that can't accept for want of one ends, so that it must never come to that.
enum FileLimit {
    /// Files that are open besides connections: the ledger, its log, the listeners, event loops.
    static let reserve = 200

    /// Raises the limit for so many connections as far as the system lets us.
    ///
    /// - Returns: how many connections there is room for, at most `connections`.
    static func makeRoom(for connections: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return connections }
        let needed = rlim_t(connections + reserve)
        if limit.rlim_cur < needed {
            let before = limit.rlim_cur
            limit.rlim_cur = min(needed, limit.rlim_max)
            if setrlimit(resource, &limit) != 0 { limit.rlim_cur = before }
        }
        return room(for: connections, files: Int(clamping: limit.rlim_cur))
    }

    /// How many connections there is room for among so many files.
    static func room(for connections: Int, files: Int) -> Int {
        max(1, min(connections, files - reserve))
    }

    #if os(Linux)
    private static let resource = Int32(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}
