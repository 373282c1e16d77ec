/// Tells a client that reads slowly from one that does not read: decides, and does nothing itself.
///
/// Bytes that were written and no longer wait have been taken by the other end. Looked at in equal
/// steps of time: a step in which bytes waited and none was taken is a stall.
struct StallWatch {
    /// What a look shows.
    enum Finding: Equatable {
        /// Nothing waits; look again after the next write.
        case idle
        /// Something waits and moves; look again after a step.
        case moving
        case stalled
    }

    private var written: UInt64 = 0
    private var taken: UInt64 = 0
    private var isWatching = false

    /// Bytes are written.
    ///
    /// - Returns: whether the first look is due after a step.
    mutating func wrote(_ count: Int) -> Bool {
        if !isWatching { taken = written }
        written += UInt64(count)
        defer { isWatching = true }
        return !isWatching
    }

    /// Looks at how many bytes wait.
    mutating func look(waiting: Int) -> Finding {
        if waiting == 0 {
            isWatching = false
            return .idle
        }
        let nowTaken = written - min(written, UInt64(waiting))
        if nowTaken <= taken { return .stalled }
        taken = nowTaken
        return .moving
    }
}
