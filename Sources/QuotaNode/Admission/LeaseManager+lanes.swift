import QuotaEngine
import QuotaLedger
package import QuotaModel
import Synchronization
import UsageJournal

/// How many decisions were made on lanes.
struct LaneCounts: Sendable {
    var admitted: Int64 = 0
    var refused: Int64 = 0
}

/// What a request came to that needed nobody else.
package struct LaneAnswer: Hashable, Sendable {
    /// Whether its units were taken.
    package let isAdmitted: Bool
    /// What is left of its scarcest budget; nil when no budget bounds it.
    package let remaining: Int64?
}

/// Where a lane is, for who asks the same again and again.
package struct LaneHandle: Sendable {
    fileprivate let shard: Int
    fileprivate let place: Int
    fileprivate let generation: UInt32
}

// Decisions that need nobody else: one lock, no allocation.
extension LeaseManager {
    /// Decides at once; nil when somebody else has to be asked, and then nothing was taken.
    @inline(__always)
    func admit(
        _ request: borrowing LaneRequest,
        now: Timestamp,
        steady: Timestamp
    ) -> LaneAnswer? {
        let hash = hash(request.tenant.exact)
        let amounts = request.amounts
        return uncounted[place(of: hash)]
            ._withUnsafeGuaranteedRef { shard in
                shard.state.withLock { shard -> LaneAnswer? in
                    guard let place = shard.table.tenants.lanes.lane(of: request, hash) else {
                        return nil
                    }
                    return admit(place, amounts, &shard, now: now, steady: steady)
                }
            }
    }

    /// The same on a lane that was looked up before.
    @inline(__always)
    func admit(
        _ handle: LaneHandle,
        _ amounts: LaneAmounts,
        now: Timestamp,
        steady: Timestamp
    ) -> LaneAnswer? {
        uncounted[handle.shard]
            ._withUnsafeGuaranteedRef { shard in
                shard.state.withLock { shard -> LaneAnswer? in
                    guard
                        shard.table.tenants.lanes.lanes[handle.place].generation
                            == handle.generation
                    else { return nil }
                    return admit(handle.place, amounts, &shard, now: now, steady: steady)
                }
            }
    }

    /// Where the lane of a request is; nil when there is none.
    func handle(_ request: LaneRequest) -> LaneHandle? {
        let hash = hash(request.tenant.exact)
        let number = place(of: hash)
        return shards[number].state
            .withLock { shard in
                shard.table.tenants.lanes.lane(of: request, hash)
                    .map {
                        LaneHandle(
                            shard: number, place: $0,
                            generation: shard.table.tenants.lanes.lanes[$0].generation)
                    }
            }
    }

    @inline(__always)
    private func admit(
        _ place: Int,
        _ amounts: LaneAmounts,
        _ shard: inout Shard,
        now: Timestamp,
        steady: Timestamp
    ) -> LaneAnswer? {
        let outcome = shard.table.tenants.lanes.judge(
            place, amounts, now: now, steady: steady, lapsesAt: shard.table.lapsesAt)
        switch outcome {
        case .unknown: return nil
        case .refuses(let place):
            shard.counts.refused += 1
            return LaneAnswer(
                isAdmitted: false, remaining: shard.table.tenants.lanes.available(place))
        case .admits(let place):
            guard let taken = take(place, amounts, &shard, now: now, steady: steady) else {
                return nil
            }
            return LaneAnswer(isAdmitted: true, remaining: taken.remaining)
        }
    }

    /// Writes what a lane admits into the journal, and takes it.
    ///
    /// - Returns: the decision's id, the end of its record, and what is left of the scarcest
    ///   budget; nil when the journal can't take it, and then nothing was taken.
    @inline(__always)
    private func take(
        _ place: Int,
        _ amounts: LaneAmounts,
        _ shard: inout Shard,
        now: Timestamp,
        steady: Timestamp
    ) -> (id: PackedID, end: JournalPosition, remaining: Int64?)? {
        let id = shard.ids.next(at: now)
        do throws(JournalError) {
            let position = try shard.write(place, amounts, id, now: now)
            let remaining = shard.table.tenants.take(place, amounts, steady: steady)
            shard.counts.admitted += 1
            return (id, position, remaining)
        } catch {
            journal.tell(error)
            return nil
        }
    }

    /// Decides at once, with the balances behind the decision.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - takes: whether units are taken, or only looked at.
    ///   - instant: what the clocks say.
    /// - Returns: nil when somebody else has to be asked, and then nothing was taken.
    func decide(
        _ request: borrowing LaneRequest,
        takes: Bool,
        at instant: DecisionInstant
    ) -> ImmediateDecision? {
        let hash = hash(request.tenant.exact)
        let place = place(of: hash)
        if takes, journal.isDurable, journal.isCrowded(place) { return nil }
        let (now, steady) = (instant.now, instant.steady)
        let amounts = request.amounts
        // Not returned from the closures, each of which would copy it.
        var decision: ImmediateDecision?
        uncounted[place]
            ._withUnsafeGuaranteedRef { shard in
                shard.state.withLock { shard in
                    guard let lane = shard.table.tenants.lanes.lane(of: request, hash) else {
                        return
                    }
                    decision = decide(
                        lane, amounts, &shard, takes: takes, now: now, steady: steady)
                }
            }
        return decision
    }

    @inline(__always)
    private func decide(
        _ place: Int,
        _ amounts: LaneAmounts,
        _ shard: inout Shard,
        takes: Bool,
        now: Timestamp,
        steady: Timestamp
    ) -> ImmediateDecision? {
        let outcome = shard.table.tenants.lanes.judge(
            place, amounts, now: now, steady: steady, lapsesAt: shard.table.lapsesAt)
        if case .unknown = outcome { return nil }
        let subject = shard.table.tenants.lanes.subject(place)
        switch outcome {
        case .unknown: return nil
        case .refuses:
            shard.counts.refused += 1
            return ImmediateDecision(
                subject: subject, amounts: amounts, isAdmitted: false,
                packedID: shard.ids.next(at: now), asOf: now,
                limitFigures: shard.table.tenants.lanes.figures(place, now: now, steady: steady),
                violations: shard.table.tenants.lanes.violations(
                    place, amounts, now: now, steady: steady,
                    lapsesAt: shard.table.lapsesAt), mark: nil)
        case .admits:
            var (id, mark): (PackedID, JournalMark?)
            if takes {
                guard let taken = take(place, amounts, &shard, now: now, steady: steady) else {
                    return nil
                }
                (id, mark) = (taken.id, nil)
                if journal.isDurable {
                    mark = JournalMark(stream: shard.writer.stream, position: taken.end)
                }
            } else {
                shard.counts.admitted += 1
                (id, mark) = (shard.ids.next(at: now), nil)
            }
            return ImmediateDecision(
                subject: subject, amounts: amounts, isAdmitted: true, packedID: id, asOf: now,
                limitFigures: shard.table.tenants.lanes.figures(place, now: now, steady: steady),
                violations: [], mark: mark)
        }
    }

    // MARK: Opening and closing

    /// Opens a lane for requests like the one that was just decided, and says all that is known of
    /// the tenant to its lanes.
    ///
    /// - Parameters:
    ///   - request: one that lanes can decide.
    ///   - shard: where its tenant is.
    ///   - validUntil: until when that holds that it was compiled from.
    ///   - shape: compiles what such requests have in common; nil when lanes can't decide them.
    ///   - isCurrent: whether what it is compiled from has not changed since.
    func openLane(
        for request: LaneRequest,
        in shard: LockedShard,
        validUntil: Timestamp,
        shape: () -> LaneShape?,
        isCurrent: () -> Bool
    ) {
        let hash = hash(request.tenant.exact)
        // Others are found through their organization, which their id does not tell.
        guard shards[place(of: hash)] === shard else { return }
        let steady = steadyClock()
        shard.state.withLock { shard in
            guard isCurrent() else { return }
            let isNew = shard.table.tenants.lanes.lane(of: request, hash) == nil
            if isNew, shard.table.tenants.lanes.count >= Self.maximumLanes { return }
            if isNew
                || shard.table.tenants.isOutdated(request, hash, validUntil)
            {
                guard let shape = shape() else { return }
                shard.table.tenants.open(
                    shape, validUntil: validUntil, steady: steady, epoch: shard.table.epoch)
            }
            shard.table.armLanes(of: request.tenant, steady: steady)
        }
    }

    /// The most lanes of a shard; tenants that are forgotten make room for others.
    private static let maximumLanes = 1_048_576
    /// How many tenants' lanes are closed under one lock.
    private static let tenantsPerLock = 64

    /// Closes the lanes of a tenant, or all: what they were compiled from has changed.
    ///
    /// Lanes that are opened meanwhile were compiled from what holds.
    func closeLanes(of tenant: TenantID?) {
        for shard in shards {
            guard tenant == nil else {
                shard.state.withLock { shard in
                    if let tenant { shard.table.closeLanes(of: tenant) }
                }
                continue
            }
            let tenants = shard.state.withLock { $0.table.tenants.lanes.tenants }
            for start in stride(from: 0, to: tenants.count, by: Self.tenantsPerLock) {
                let some = tenants[start..<min(start + Self.tenantsPerLock, tenants.count)]
                shard.state.withLock { shard in
                    for tenant in some { shard.table.closeLanes(of: tenant) }
                }
            }
        }
    }

    /// How many decisions were made on lanes.
    var laneCounts: LaneCounts {
        shards.reduce(into: LaneCounts()) { sum, shard in
            let counts = shard.state.withLock { $0.counts }
            sum.admitted += counts.admitted
            sum.refused += counts.refused
        }
    }
}

extension LeaseManager.Shard {
    /// Writes what a lane admits into the journal.
    @inline(__always)
    mutating func write(
        _ place: Int,
        _ amounts: LaneAmounts,
        _ id: PackedID,
        now: Timestamp
    ) throws(JournalError) -> JournalPosition {
        let isSingle = table.tenants.lanes.lanes[place].isSingle
        var names = table.tenants.lanes.lanes[place].names
        var record = JournalRecord(
            kind: JournalCodec.Kind.used.rawValue, time: now.nanoseconds, units: amounts.first,
            identifierHigh: id.high, identifierLow: id.low)
        let numbers = (names[0].segment, names[1].segment)
        var position = try writer.write(
            record, &names[0], { table.tenants.nameBytes(place, 0) }, isFirst: true,
            isLast: isSingle)
        if !isSingle {
            record.units = amounts.second
            position = try writer.write(
                record, &names[1], { table.tenants.nameBytes(place, 1) }, isFirst: false,
                isLast: true)
        }
        if numbers != (names[0].segment, names[1].segment) {
            table.tenants.withNames(place) { $0 = names }
        }
        return position
    }
}
