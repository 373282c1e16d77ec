public import QuotaModel

extension ZoneRules {
    /// The instant at which the wall clock of this zone shows `local`.
    ///
    /// A local time that a transition skips moves forward by the length of the gap; one that
    /// occurs twice is its first occurrence. Times outside the range of `Timestamp` give
    /// `distantPast` or `distantFuture`.
    public func resolve(_ local: LocalDateTime) -> Timestamp {
        resolve(localSeconds: local.secondsSinceLocalEpoch)
    }

    /// The instant at which the wall clock shows this many seconds since 1970-01-01T00:00.
    ///
    /// Both odd cases have one answer, the local time read with the offset from *before* the
    /// transition: in a gap that is the time moved forward, in an overlap the first occurrence.
    /// Every offset of the database lies within ±16 h, so the instant lies within 16 h of `local`
    /// read as UTC; transitions lie days apart, so that stretch holds at most one, and its two
    /// ends show which offset came before and which after.
    public func resolve(localSeconds local: Int64) -> Timestamp {
        if local < -Self.representableSeconds { return .distantPast }
        if local > Self.representableSeconds { return .distantFuture }
        let before = offsetSeconds(atSecond: local - Self.widestOffset)
        let after = offsetSeconds(atSecond: local + Self.widestOffset)
        let early = local - before
        if before == after || offsetSeconds(atSecond: early) == before {
            return Timestamp(clampingSeconds: early)
        }
        let late = local - after
        let isInGap = offsetSeconds(atSecond: late) != after
        return Timestamp(clampingSeconds: isInGap ? early : late)
    }

    /// What the wall clock shows at an instant, to the minute.
    public func localDateTime(at instant: Timestamp) -> LocalDateTime {
        let local = localSeconds(at: instant)
        let day = local.flooredDivision(by: 86_400)
        let minute = Int(local - day * 86_400) / 60
        let date = CivilDate(daysSinceEpoch: day)
        return LocalDateTime(date: date, hour: minute / 60, minute: minute % 60)!
    }

    /// What the wall clock shows at an instant, in seconds since 1970-01-01T00:00.
    func localSeconds(at instant: Timestamp) -> Int64 {
        instant.seconds + offsetSeconds(at: instant)
    }

    /// 16 hours: more than any offset of the database (15:56 in Manila before 1844).
    private static let widestOffset: Int64 = 57_600

    /// More than the seconds of `Timestamp` (9.22e9) with any offset.
    private static let representableSeconds: Int64 = 9_300_000_000
}

extension Timestamp {
    /// The instant of whole seconds since the Unix epoch, or the end of representable time.
    init(clampingSeconds seconds: Int64) {
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow {
            self = seconds < 0 ? .distantPast : .distantFuture
        } else {
            self.init(nanoseconds: nanoseconds)
        }
    }
}
