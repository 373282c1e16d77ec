import QuotaEngine
import QuotaLedger
import QuotaModel

// What nodes do.
extension NaiveCluster {
    /// Units are given.
    ///
    /// - Returns: what is wrong with that.
    mutating func make(_ use: NaiveUse) -> String? {
        let id = use.id
        if let earlier = idsByOperation[use.operation], let known = uses[earlier], !known.isLost {
            return "operation \(use.operation) had its effect as \(earlier), and now as \(id)"
        }
        uses[id] = use
        idsByOperation[use.operation] = id
        take(use, sign: 1)
        if let life = use.life { records[life, default: []].append(.made(id)) }
        return nil
    }

    /// A node ends a reservation.
    ///
    /// - Returns: what is wrong with that.
    mutating func end(
        _ id: String,
        _ event: ReservationEvent,
        by operation: Int?,
        life: Life
    ) -> String? {
        guard let use = uses[id] else { return "\(id) ends, which was never made" }
        if use.life != life { return "\(id) ends at \(life), which did not make it" }
        if use.isDecided {
            writeOther(life)
            return nil
        }
        if use.truth.state != .held { return "\(id) ends a second time" }
        records[life, default: []]
            .append(.ended(id, event, before: use.truth, operation: operation))
        return endTruly(id, event) ? nil : "\(id) can't end by \(event)"
    }

    /// A node gives a reservation more.
    ///
    /// - Returns: what is wrong with that.
    mutating func extend(
        _ id: String,
        _ added: [MeterID: Int64],
        _ parts: [NaiveUse.Part],
        by operation: Int,
        life: Life
    ) -> String? {
        guard var use = uses[id] else { return "\(id) is extended, which was never made" }
        if use.life != life { return "\(id) is extended at \(life), which did not make it" }
        if !use.isDecided, use.truth.state != .held { return "\(id) is extended after its end" }
        records[life, default: []]
            .append(.extended(id, use.extensions.count, operation: operation))
        take(use, sign: -1)
        use.extensions.append(NaiveUse.Extension(added: added, parts: parts))
        uses[id] = use
        take(use, sign: 1)
        return nil
    }

    /// Tells what really happened to a use.
    ///
    /// - Returns: false when it can't be.
    @discardableResult
    mutating func endTruly(_ id: String, _ event: ReservationEvent) -> Bool {
        guard var use = uses[id] else { return false }
        take(use, sign: -1)
        let isTaken = use.endTruly(event)
        uses[id] = use
        take(use, sign: 1)
        return isTaken
    }

    /// The ledger ends a reservation in the place of its node: that stands.
    mutating func decide(_ id: String, _ outcome: NaiveOutcome) {
        guard var use = uses[id] else { return }
        take(use, sign: -1)
        use.truth = outcome
        use.isDecided = true
        use.mayAdjust = true
        uses[id] = use
        take(use, sign: 1)
        contested.formUnion(use.parts.compactMap(\.lease))
    }

    /// It turns out that something else was true of a use.
    mutating func correct(_ id: String, _ truth: NaiveOutcome) {
        guard var use = uses[id] else { return }
        take(use, sign: -1)
        use.truth = truth
        uses[id] = use
        take(use, sign: 1)
    }

    mutating func writeOther(_ life: Life) { records[life, default: []].append(.other) }

    mutating func acknowledge(operation: Int) {
        acknowledged.insert(operation)
        guard let id = idsByOperation[operation] else { return }
        uses[id]?.isAcknowledged = true
    }

    mutating func take(_ use: NaiveUse, sign: Int64) {
        for (part, given) in use.taken {
            let units = given * sign
            taken[part.account, default: 0] += units
            if let lease = part.lease { takenOfLease[lease, default: 0] += units }
        }
    }

    /// A lost disk takes all records that are not folded; what is on its way to the ledger may
    /// still arrive there.
    mutating func loseDisk(_ life: Life) {
        for record in (records[life] ?? []).dropFirst(folded[life] ?? 0) {
            switch record {
            case .made(let id): uses[id]?.isLost = true
            case .ended(let id, _, _, _): uses[id]?.isEndLost = true
            case .extended(let id, let number, _): uses[id]?.extensions[number].isLost = true
            case .other: continue
            }
        }
    }

    /// A power cut takes all records of a life from a place on.
    ///
    /// - Returns: what is wrong with that.
    mutating func lose(_ life: Life, from place: Int, mayLoseAcknowledged: Bool) -> String? {
        guard let all = records[life], place < all.count else { return nil }
        for record in all[place...].reversed() {
            switch record {
            case .made(let id):
                guard let use = uses[id] else { continue }
                if !use.isAcknowledged {
                    // Nobody was told, so nothing was used.
                    take(use, sign: -1)
                    uses[id] = nil
                    idsByOperation[use.operation] = nil
                } else if mayLoseAcknowledged {
                    uses[id]?.isLost = true
                } else {
                    return "use \(id) was acknowledged and is lost"
                }
            case .ended(let id, _, let before, let operation):
                if mayLoseAcknowledged {
                    uses[id]?.isEndLost = true
                } else if let operation, acknowledged.contains(operation) {
                    return "the end of \(id) was acknowledged and is lost"
                } else if uses[id]?.isDecided != true {
                    correct(id, before)
                }
            case .extended(let id, let number, let operation):
                guard var use = uses[id] else { continue }
                if !acknowledged.contains(operation) {
                    take(use, sign: -1)
                    use.extensions.removeLast(use.extensions.count - number)
                    uses[id] = use
                    take(use, sign: 1)
                } else if mayLoseAcknowledged {
                    uses[id]?.extensions[number].isLost = true
                } else {
                    return "more of \(id) was acknowledged and is lost"
                }
            case .other: continue
            }
        }
        records[life] = Array(all[..<place])
        return nil
    }
}
