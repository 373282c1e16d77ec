import QuotaTesting
import StrictJSON
import Testing

/// One walk: a server, and what it should know.
struct AllotmentWalk {
    private static let names = ["acme", "a}{b", "é/.."]
    private static let plan: JSONValue = [
        .limit(60, "ai_tokens", per: "day"), .limit(200, "ai_tokens", per: "month"),
        .limit(10, "team_members", per: "none"),
    ]

    private let server: TestServer
    private var random: SeededRandom
    private var tenants: [NaiveTenant]
    private var now = NaiveCalendar.startOfMonth(0) + 26 * NaiveCalendar.secondsPerDay
    private var steps: [String] = []

    init(seed: UInt64) async throws {
        random = SeededRandom(seed: seed)
        server = try await TestServer(at: NaiveCalendar.text(now))
        tenants = Self.names.map { [now] _ in NaiveTenant(now: now) }
        _ = try await server.admin.putPlan("free", Self.plan)
        for name in Self.names { _ = try await server.admin.createTenant(["id": .string(name)]) }
    }

    private var trace: Comment { "\(random), \(steps.suffix(12).joined(separator: "; "))" }

    private mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &random)
    }

    mutating func step() async throws {
        try await pass()
        let place = Int(number(0...Int64(Self.names.count - 1)))
        switch number(0...99) {
        case ..<35: try await consume(place)
        case ..<45: try await reserve(place)
        case ..<53: try await settle(place)
        case ..<68: try await allocate(place)
        case ..<82: try await override(place)
        case ..<87: try await reset(place)
        default: try await adjust(place)
        }
        try await compare(place)
    }

    /// Lets time go on: mostly by seconds, sometimes over boundaries.
    private mutating func pass() async throws {
        let duration = number(0...9) == 0 ? number(1...100_000) : number(1...60)
        // A closed period takes no settlements: what is held is settled within ten minutes.
        for place in tenants.indices {
            for id in tenants[place].reservations.keys.sorted() {
                let isOld = now - (tenants[place].reservations[id]?.since ?? 0) > 600
                if duration > 60 || isOld { try await end(id, of: place, with: 0) }
            }
        }
        now += duration
        for place in tenants.indices { tenants[place].move(to: now) }
        try server.move(to: NaiveCalendar.text(now))
        if duration > 60 { try await server.settleDown() }
        if number(0...19) == 0 {
            // Nothing may depend on what is only kept to be fast.
            _ = try await server.admin.post("/api/admin/quota/cache/clear", [:])
        }
        steps.append(NaiveCalendar.text(now))
    }

    private mutating func consume(_ place: Int) async throws {
        let units = number(1...30)
        steps.append("\(place) consumes \(units)")
        let passes = tenants[place].consume(units)
        let reply = try await server.admin.consume(units, "ai_tokens", tenant: Self.names[place])
        #expect(reply.status == (passes ? 200 : 429), trace)
    }

    private mutating func reserve(_ place: Int) async throws {
        let units = number(1...30)
        steps.append("\(place) reserves \(units)")
        let body = JSONValue.charging(units, "ai_tokens", tenant: Self.names[place])
            .with("ttl_ms", 86_400_000)
        let reply = try await server.admin.reserve(body)
        let passes = tenants[place].reserve(units, as: reply.string("reservation_id"))
        #expect(reply.status == (passes ? 201 : 429), trace)
    }

    private mutating func settle(_ place: Int) async throws {
        guard let id = tenants[place].reservations.keys.sorted().first else { return }
        let held = tenants[place].reservations[id]?.units ?? 0
        try await end(id, of: place, with: number(0...held))
    }

    private mutating func end(_ id: String, of place: Int, with units: Int64) async throws {
        steps.append("\(place) settles \(units)")
        tenants[place].settle(id, units)
        let reply =
            units == 0
            ? try await server.admin.void(id)
            : try await server.admin.settle(id, [.charge(units, "ai_tokens")])
        #expect(reply.status == 200, trace)
    }

    private mutating func allocate(_ place: Int) async throws {
        let seats = tenants[place].seats
        let isSet = number(0...2) == 0
        let target = number(0...14)
        let delta = isSet ? target - seats : number(-6...6)
        steps.append("\(place) allocates \(delta)")
        guard isSet || delta != 0 else { return }
        let expected = tenants[place].allocate(delta)
        let name = Self.names[place]
        let reply =
            isSet
            ? try await server.admin.setAllocation(target, tenant: name)
            : try await server.admin.allocate(delta, tenant: name)
        #expect(reply.status == (expected.map { $0 ? 200 : 429 } ?? 422), trace)
    }

    private mutating func override(_ place: Int) async throws {
        let window: NaiveTenant.Window? = [.day, .month, nil][Int(number(0...2))]
        let limit = window.map { "ai_tokens/\($0.rawValue)" } ?? "team_members/none"
        if number(0...3) == 0 {
            steps.append("\(place) deletes \(limit)")
            _ = try await server.admin.delete(
                "/api/admin/tenants/\(Self.names[place].percentEncoded)/overrides/\(limit)")
            put(nil, on: window, of: place)
            return
        }
        let units = number(0...4) == 0 ? nil : number(0...250)
        var override = NaiveTenant.Override(limit: units, expiresAt: nil)
        var body: JSONValue = ["limit": units.map { .integer($0) } ?? .null]
        switch (number(0...2), window) {
        case (0, .some(let window)):
            let count = number(1...3)
            body = body.with("periods", .integer(count))
            override.expiresAt =
                window == .day
                ? (NaiveCalendar.day(now) + count) * NaiveCalendar.secondsPerDay
                : NaiveCalendar.startOfMonth(NaiveCalendar.month(now) + count)
        case (1, _):
            let end = now + number(1...50_000)
            body = body.with("expires_at", .string(NaiveCalendar.text(end)))
            override.expiresAt = end
        default: break
        }
        steps.append("\(place) puts \(limit) \(body)")
        let reply = try await server.admin.override(body, of: Self.names[place], on: limit)
        #expect([200, 201].contains(reply.status), trace)
        put(override, on: window, of: place)
    }

    private mutating func put(
        _ override: NaiveTenant.Override?,
        on window: NaiveTenant.Window?,
        of place: Int
    ) {
        if let window {
            tenants[place].overrides[window] = override
        } else {
            tenants[place].seatsOverride = override
        }
    }

    private mutating func reset(_ place: Int) async throws {
        let window: NaiveTenant.Window = number(0...1) == 0 ? .day : .month
        steps.append("\(place) resets \(window)")
        let reply = try await server.admin.reset(
            "ai_tokens", window.rawValue, tenant: Self.names[place])
        #expect(reply.status == 200, trace)
        tenants[place].reset(window)
    }

    private mutating func adjust(_ place: Int) async throws {
        var amount = number(-40...15)
        if amount == 0 { amount = 1 }
        let (day, month) = (tenants[place].current(.day), tenants[place].current(.month))
        // After a reset by hand the month may have less than the day: a test of its own.
        if amount < 0, month.posted < -amount, day.posted >= -amount { return }
        steps.append("\(place) is adjusted by \(amount)")
        let isPossible = tenants[place].adjust(amount)
        let reply = try await server.admin.adjust(
            amount, "ai_tokens", tenant: Self.names[place])
        #expect(reply.status == (isPossible ? 201 : 422), trace)
    }

    /// Compares what the server shows of a tenant with the oracle.
    private func compare(_ place: Int) async throws {
        let tenant = tenants[place]
        let usage = try await server.admin.usage(Self.names[place].percentEncoded)
        for window in NaiveTenant.Window.allCases {
            let period = tenant.current(window)
            expectLimit(
                usage.limit("tenant:ai_tokens/\(window.rawValue)"), tenant.limit(window),
                used: period.used, held: period.held)
        }
        expectLimit(
            usage.allocation("tenant:team_members/none"), tenant.seatLimit, used: tenant.seats,
            held: 0)
    }

    private func expectLimit(
        _ shown: JSONValue?,
        _ limit: (units: Int64?, isOverride: Bool),
        used: Int64,
        held: Int64
    ) {
        #expect(shown?["used"]?.integerValue == used, trace)
        #expect(shown?["held"]?.integerValue == held, trace)
        #expect(shown?["limit"]?.integerValue == limit.units, trace)
        #expect(
            shown?["remaining"]?.integerValue == limit.units.map { max(0, $0 - used) }, trace)
        #expect(shown?["source"] == (limit.isOverride ? "override" : "plan"), trace)
    }

    /// Ends what is held and compares events and periods.
    mutating func finish() async throws {
        for place in tenants.indices {
            for id in tenants[place].reservations.keys.sorted() {
                try await end(id, of: place, with: 1)
            }
            try await compare(place)
            let name = Self.names[place]
            let events = try await server.admin.events(name, "meter=ai_tokens")
            let sum = events.reduce(0) { $0 + $1.integer("units") }
            #expect(sum == tenants[place].eventUnits, trace)
            for window in NaiveTenant.Window.allCases {
                let found = try await server.admin.periods(
                    ("ai_tokens", window.rawValue), of: name)
                let posted = found.map { $0.integer("posted") }.filter { $0 != 0 }
                let expected = tenants[place].periods[window, default: []].map(\.posted)
                    .filter { $0 != 0 }
                #expect(posted == expected.reversed(), trace)
            }
        }
    }
}
