package import QuotaModel

/// Checks that events add up to hours, hours to days, and that days are counted.
///
/// Takes the rows in the order of their ``UsageRow/place``, and then the totals of the days. What
/// is kept in memory is one hour and one day of one tenant, and a number for each date and meter.
/// All rows of a tenant belong to one moment; between tenants a check may pause, and then counts
/// only days whose rows no longer grow.
///
/// - Events and hours: where each posting has an event, units and postings are equal. Otherwise
///   what the hour has beyond its events is postings without one, each of 1 unit or more; credits
///   always have an event.
/// - Hours and days: a day has the units of its hours. Allocations have no hours: what was taken,
///   not what was given back, makes their days.
/// - Sums that might have stopped at the largest number are not compared.
package struct UsageCheck: Sendable {
    fileprivate struct Slot: Hashable {
        let key: APIKeyID
        let meter: MeterID
        let model: ModelName?
    }

    fileprivate struct Hour {
        var eventUnits: Int128 = 0
        var eventPostings: Int128 = 0
        var knowsPostings = true
        var sum: UsageSum?
    }

    fileprivate struct Day {
        var units: Int128 = 0
        var magnitude: Int128 = 0
        var stored: Int64?
    }

    fileprivate struct Date: Hashable {
        let date: CivilDate
        let meter: MeterID
    }

    /// What was found of events and hours.
    package private(set) var events = LedgerCheckResult(.events, "events", "hours")
    /// What was found of hours, days and totals.
    package private(set) var totals = LedgerCheckResult(.totals, "days", "totals")
    /// How many rows were taken.
    package private(set) var taken = 0
    /// The rules of all meters.
    package var rules: [MeterID: MeterRule]
    private var place: UsageRow.Place?
    private var hour: [Slot: Hour] = [:]
    private var day: [MeterID: Day] = [:]
    private var counts: [Date: Int64] = [:]

    /// A check that has seen nothing, with the rules of all meters.
    package init(rules: [MeterID: MeterRule]) {
        self.rules = rules
    }

    /// Takes the next row.
    package mutating func take(_ row: UsageRow) {
        taken += 1
        advance(to: row.place)
        switch row {
        case .event(let event): take(event)
        case .hour(let key, let sum):
            events.count(1)
            hour[Slot(key: key.key, meter: key.meter, model: key.model), default: Hour()].sum = sum
            add(sum.units, to: key.meter)
        case .day(let key, let units):
            totals.count(0)
            day[key.meter, default: Day()].stored = units
            counts[Date(date: key.date, meter: key.meter), default: 0] += 1
        }
    }

    private mutating func take(_ event: UsageEvent) {
        events.count(0)
        if rules[event.meter]?.isAllocation == true, !event.isCorrection {
            if event.units > 0 { add(event.units, to: event.meter) }
            return
        }
        let slot = Slot(key: event.key, meter: event.meter, model: event.model)
        hour[slot, default: Hour()].eventUnits += Int128(event.units)
        if let postings = event.postings {
            hour[slot, default: Hour()].eventPostings += Int128(postings)
        } else {
            hour[slot, default: Hour()].knowsPostings = false
        }
    }

    private mutating func add(_ units: Int64, to meter: MeterID) {
        var sums = day[meter] ?? Day()
        sums.units += Int128(units)
        sums.magnitude += Int128(units.magnitude)
        day[meter] = sums
    }

    /// Takes how many tenants used a meter on a date, as it is stored; after all rows.
    package mutating func take(total day: (date: CivilDate, meter: MeterID), tenants: Int64) {
        finishPlace()
        totals.count(1)
        let counted = counts.removeValue(forKey: Date(date: day.date, meter: day.meter)) ?? 0
        if tenants != counted {
            totals.add(
                "daily_meter_totals: \(day.date) \(day.meter)", found: "tenants \(tenants)",
                expected: "\(counted), the rows of daily_meter_usage")
        }
    }

    /// Takes how many rows of days there are of a meter on a date, in place of the rows themselves.
    package mutating func take(rows: Int64, of meter: MeterID, on date: CivilDate) {
        counts[Date(date: date, meter: meter), default: 0] += rows
    }

    /// Ends the last hour and day; totals are not looked at.
    package mutating func finishRows() { finishPlace() }

    /// Takes note of a row whose date is none.
    package mutating func takeUnreadable(date: String, in table: String) {
        totals.add("\(table): \(date)", found: "no date", expected: "YYYY-MM-DD")
    }

    /// Looks at the last hour and day, and for days that were not counted.
    package mutating func finish() {
        finishPlace()
        for (day, count) in counts.sorted(by: { $0.key.order < $1.key.order }) {
            totals.add(
                "daily_meter_totals: \(day.date) \(day.meter)", found: "no row",
                expected: "tenants \(count), the rows of daily_meter_usage")
        }
    }

    // MARK: The end of an hour, and of a day

    private mutating func advance(to next: UsageRow.Place) {
        guard let place, place != next else {
            self.place = next
            return
        }
        closeHour(at: place)
        if place.tenant != next.tenant || place.day != next.day { closeDay(at: place) }
        self.place = next
    }

    private mutating func finishPlace() {
        guard let place else { return }
        closeHour(at: place)
        closeDay(at: place)
        self.place = nil
    }

    private mutating func closeHour(at place: UsageRow.Place) {
        let start = Timestamp(nanoseconds: place.hour)
        let wrong = hour.filter { slot, sums in !sums.hold(isComplete(slot.meter, at: start)) }
        for (slot, sums) in wrong.sorted(by: { $0.key.order < $1.key.order }) {
            let model = slot.model.map { " \($0)" } ?? ""
            let rest =
                isComplete(slot.meter, at: start)
                ? "" : ", and at least as many units more as postings more"
            events.add(
                "hourly_usage: \(place.tenant) \(start) \(slot.key) \(slot.meter)\(model)",
                found: sums.sum.map { "units \($0.units), postings \($0.postings)" } ?? "no row",
                expected: "units \(sums.eventUnits), postings \(sums.eventPostings) of its events"
                    + rest)
        }
        hour.removeAll(keepingCapacity: true)
    }

    private func isComplete(_ meter: MeterID, at hour: Timestamp) -> Bool {
        rules[meter]?.isCompleteFrom.map { $0 <= hour } ?? false
    }

    private mutating func closeDay(at place: UsageRow.Place) {
        let date = CivilDate(daysSinceEpoch: place.day)
        for (meter, sums) in day.filter({ !$0.value.hold }).sorted(by: { $0.key < $1.key }) {
            totals.add(
                "daily_meter_usage: \(date) \(meter) \(place.tenant)",
                found: sums.stored.map { "units \($0)" } ?? "no row",
                expected: "units \(sums.units), the sum of its "
                    + (rules[meter]?.isAllocation == true ? "events above 0" : "hours"))
        }
        day.removeAll(keepingCapacity: true)
    }
}

extension UsageCheck.Hour {
    /// Whether the sum fits the events, of which there is one for each posting or not.
    fileprivate func hold(_ isComplete: Bool) -> Bool {
        guard let sum else { return false }
        if sum.units == .max || sum.postings == .max { return true }
        let units = Int128(sum.units) - eventUnits
        if !knowsPostings { return !isComplete || units == 0 }
        let postings = Int128(sum.postings) - eventPostings
        if isComplete || postings == 0 { return units == 0 && postings == 0 }
        return postings > 0 && units >= postings
    }
}

extension UsageCheck.Day {
    /// Whether the day has the units of its hours, or nobody can know.
    fileprivate var hold: Bool {
        if magnitude > Int128(Int64.max) { return true }
        return stored.map { Int128($0) == units } ?? false
    }
}

extension UsageCheck.Slot {
    fileprivate var order: (APIKeyID, MeterID, ExactString) {
        (key, meter, ExactString(model?.text ?? ""))
    }
}

extension UsageCheck.Date {
    fileprivate var order: (CivilDate, MeterID) { (date, meter) }
}

extension UsageEvent {
    /// Whether it was booked by a correction or an import, whose ids begin with an `a`.
    fileprivate var isCorrection: Bool { id.utf8.first == UInt8(ascii: "a") }

    /// How many postings it counts as in its hour: corrections as none, imported calls each; nil
    /// for what a caller of the library named otherwise.
    fileprivate var postings: Int64? {
        guard isCorrection else { return 1 }
        if id.utf8.starts(with: "a_".utf8) { return 0 }
        guard id.utf8.starts(with: "a.import.".utf8) else { return nil }
        return meter == Meter.apiCalls.id ? units : 1
    }
}
