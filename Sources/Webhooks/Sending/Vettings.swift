import QuotaModel

/// Targets that were vetted a short while ago, so that not every message asks the resolver.
struct Vettings {
    /// For how long an answer counts, in seconds.
    static let seconds: Int64 = 60
    /// How many targets are kept.
    static let capacity = 1_024

    private var entries: [WebhookTarget: (vetted: VettedTarget, at: Timestamp)] = [:]

    /// How many there are.
    var count: Int { entries.count }

    /// What was found for a target less than ``seconds`` ago; a clock that was set back counts as
    /// long ago.
    func recent(_ target: WebhookTarget, now: Timestamp) -> VettedTarget? {
        guard let entry = entries[target], Self.isRecent(entry.at, now) else { return nil }
        return entry.vetted
    }

    /// Keeps what was found; when there are too many, all others may be asked for again.
    mutating func keep(_ vetted: VettedTarget, now: Timestamp) {
        if entries.count >= Self.capacity {
            entries = entries.filter { Self.isRecent($0.value.at, now) }
        }
        if entries.count >= Self.capacity { entries = [:] }
        entries[vetted.target] = (vetted, now)
    }

    private static func isRecent(_ at: Timestamp, _ now: Timestamp) -> Bool {
        let age = now.nanoseconds(since: at)
        return age >= 0 && age < seconds * 1_000_000_000
    }
}
