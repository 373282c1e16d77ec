/// What a tenant may use and has used, kept in the simplest way that could be right.
///
/// One counter with a budget a day and a month, and seats. Nothing is leased, cached or compiled.
struct NaiveTenant {
    /// A budget of the counter.
    enum Window: String, CaseIterable {
        case day
        case month
    }

    /// A limit in place of the plan's.
    struct Override {
        var limit: Int64?
        var expiresAt: Int64?
    }

    /// Use within one period.
    struct Period {
        var posted: Int64 = 0
        var held: Int64 = 0

        var used: Int64 { posted + held }
    }

    /// Units that wait for word, and the periods of which they are a part.
    struct Reservation {
        let units: Int64
        let day: Int
        let month: Int
        let since: Int64
    }

    static let planLimits: [Window: Int64] = [.day: 60, .month: 200]
    static let planSeats: Int64 = 10

    private(set) var periods: [Window: [Period]] = [.day: [Period()], .month: [Period()]]
    private(set) var seats: Int64 = 0
    private(set) var reservations: [String: Reservation] = [:]
    /// The units of all events, credits included.
    private(set) var eventUnits: Int64 = 0
    var overrides: [Window: Override] = [:]
    var seatsOverride: Override?
    private var now: Int64

    init(now: Int64) {
        self.now = now
    }

    private func isOver(_ override: Override) -> Bool {
        override.expiresAt.map { now >= $0 } ?? false
    }

    /// The limit of a budget as it is now, nil when there is none, and whether it is an override's.
    func limit(_ window: Window) -> (units: Int64?, isOverride: Bool) {
        guard let override = overrides[window], !isOver(override) else {
            return (Self.planLimits[window], false)
        }
        return (override.limit, true)
    }

    /// The limit of the seats.
    var seatLimit: (units: Int64?, isOverride: Bool) {
        guard let override = seatsOverride, !isOver(override) else {
            return (Self.planSeats, false)
        }
        return (override.limit, true)
    }

    /// The period that is open.
    func current(_ window: Window) -> Period { periods[window]?.last ?? Period() }

    mutating func move(to next: Int64) {
        if NaiveCalendar.day(next) != NaiveCalendar.day(now) { open(.day) }
        if NaiveCalendar.month(next) != NaiveCalendar.month(now) { open(.month) }
        now = next
    }

    private mutating func open(_ window: Window) { periods[window, default: []].append(Period()) }

    private func fits(_ units: Int64) -> Bool {
        Window.allCases.allSatisfy { window in
            guard let limit = limit(window).units else { return true }
            return current(window).used + units <= limit
        }
    }

    private mutating func change(_ window: Window, _ place: Int, _ body: (inout Period) -> Void) {
        body(&periods[window, default: []][place])
    }

    private func lastPlace(_ window: Window) -> Int { (periods[window]?.count ?? 1) - 1 }

    /// Whether the units pass; then they are used.
    mutating func consume(_ units: Int64) -> Bool {
        guard fits(units) else { return false }
        for window in Window.allCases {
            change(window, lastPlace(window)) { $0.posted += units }
        }
        eventUnits += units
        return true
    }

    /// Whether the units pass; then they are held under an id.
    mutating func reserve(_ units: Int64, as id: String) -> Bool {
        guard fits(units) else { return false }
        for window in Window.allCases {
            change(window, lastPlace(window)) { $0.held += units }
        }
        reservations[id] = Reservation(
            units: units, day: lastPlace(.day), month: lastPlace(.month), since: now)
        return true
    }

    /// Ends a reservation with its true use, in the periods in which it began.
    mutating func settle(_ id: String, _ units: Int64) {
        guard let reservation = reservations.removeValue(forKey: id) else { return }
        for (window, place) in [(Window.day, reservation.day), (.month, reservation.month)] {
            change(window, place) { period in
                period.held -= reservation.units
                period.posted += units
            }
        }
        eventUnits += units
    }

    /// Whether the seats may change by so many; nil when there would be fewer than none.
    mutating func allocate(_ delta: Int64) -> Bool? {
        guard seats + delta >= 0 else { return nil }
        if delta > 0, let limit = seatLimit.units, seats + delta > limit { return false }
        seats += delta
        return true
    }

    mutating func reset(_ window: Window) { open(window) }

    /// Whether the correction is possible; a credit must be within the use of the month.
    mutating func adjust(_ amount: Int64) -> Bool {
        if amount < 0, current(.month).posted < -amount { return false }
        for window in Window.allCases {
            change(window, lastPlace(window)) { $0.posted = max(0, $0.posted + amount) }
        }
        eventUnits += amount
        return true
    }
}
