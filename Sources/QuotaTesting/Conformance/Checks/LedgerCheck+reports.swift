import QuotaEngine
import QuotaLedger
import QuotaModel

// Lists for administrators: each row once, whatever the size of the pages.
extension LedgerCheck {
    static let reports = [
        LedgerCheck("periods are listed newest first, open and closed", listsPeriods),
        LedgerCheck("held reservations are listed as they will expire", listsHeld),
        LedgerCheck("suspect grants are listed by id", listsSuspect),
        LedgerCheck("events are listed newest first, also those of one instant", listsEvents),
        LedgerCheck("events are listed by time, meter and key", filtersEvents),
        LedgerCheck("event ids order by their bytes", ordersEventIDs),
        LedgerCheck("a list goes on where it was while rows come and go", listsWhileChanging),
    ]

    private static func listsPeriods(_ scenario: Scenario) async throws {
        var scenario = scenario
        try scenario.setClock("2026-11-20T10:00:00Z")
        let limits: [Limit] = [
            .tokens(1_000, per: .day), .tokens(1_000, per: .month), .calls(10, per: .day),
            .tokens(50, per: .day, scope: .model(ModelName(trusted: "m"))),
            .tokens(10, per: .minute),
        ]
        let subject = Subject(tenant: TenantID(trusted: "acme"), limits: limits)
        let other = Subject(tenant: TenantID(trusted: "other"), limits: limits)
        for day in 0..<4 {
            for subject in [subject, other] {
                try await scenario.consume(subject, [Subject.tokens: 1, Subject.calls: 1])
            }
            if day == 2 {
                scenario.clock.advance(by: .seconds(1))
                try await scenario.reset(subject)
            }
            scenario.clock.advance(by: .seconds(86_400))
            if day != 3 { try await scenario.sweep() }
        }
        _ = try await scenario.reserve(subject, 5)
        try await scenario.reopen()
        let ledger = scenario.ledger
        let closed = try await ledger.archives(of: subject.tenant, limit: 100)
            .map { PeriodRecord(record: $0.record, closedAt: $0.closedAt) }
        let open = try await ledger.accounts(of: subject.tenant)
            .map { PeriodRecord(record: $0, closedAt: nil) }
        let all = (open + closed)
            .sorted { left, right in
                left.place.start == right.place.start
                    ? left.place.limit < right.place.limit : left.place.start > right.place.start
            }
        try expect(all.count > 12, "there are many", saw: "\(all.count)")
        try expect(!closed.isEmpty && open.count > 3, "of both kinds", saw: "\(open.count)")
        for meter in [nil, Subject.tokens, MeterID(trusted: "x")] {
            for window in [nil, .day, .month, .lifetime] as [Window?] {
                let expected = all.filter {
                    (meter == nil || $0.record.meter == meter)
                        && (window == nil || $0.record.window == window)
                }
                let name = "periods of \(meter?.text ?? "all"), \(window?.rawValue ?? "all")"
                try await expectPages(expected, name) { after, limit in
                    try await ledger.periods(
                        PeriodPage(
                            tenant: subject.tenant, meter: meter, window: window,
                            after: after?.place, limit: limit))
                }
            }
        }
    }

    private static func listsHeld(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subjects = ["a", "b"].map { Subject($0, .tokens(1_000, per: .month)) }
        var held: [Reservation] = []
        for index in 0..<14 {
            // Ties on the same instant: the id decides.
            let hold = Hold(ttlSeconds: [60, 30, 60, 90][index % 4])
            held.append(try await scenario.reserve(subjects[index % 2], 3, hold))
        }
        try await scenario.settle(held[0], 1)
        try await scenario.conclude(held[3], .void)
        scenario.clock.advance(by: .seconds(30))
        try await scenario.sweep()
        try await scenario.reopen()
        let ledger = scenario.ledger
        var left: [Reservation] = []
        for reservation in held {
            guard let kept = try await ledger.reservation(reservation.id), kept.state == .held
            else { continue }
            left.append(kept)
        }
        left.sort { ($0.expiresAt, $0.id) < ($1.expiresAt, $1.id) }
        try expectEqual(left.count, 8, "reservations that are still held")
        for tenant in [nil, subjects[0].tenant, subjects[1].tenant, TenantID(trusted: "c")] {
            let expected = left.filter { tenant == nil || $0.tenant == tenant }
            try await expectPages(
                expected, "reservations of \(tenant?.text ?? "all")"
            ) { after, limit in
                try await ledger.heldReservations(
                    of: tenant,
                    after: after.map { ReservationPlace(expiresAt: $0.expiresAt, id: $0.id) },
                    limit: limit)
            }
        }
    }

    private static func listsSuspect(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subjects = ["a", "b"]
            .map { Subject($0, .tokens(1_000, per: .month), .tokens(1_000, per: .day)) }
        var all: [(id: GrantID, tenant: TenantID)] = []
        for (index, holder) in ["node", "Node", "n\u{F6}de", "node"].enumerated() {
            for incarnation in [1, 2, 10] as [Int64] {
                let subject = subjects[index % 2]
                let first = GrantID(
                    holder: holder, incarnation: incarnation,
                    sequence: scenario.serial.next(16))
                let id = ReservationID(trusted: "s_\(first.sequence)")
                var command = scenario.command(subject, [Subject.tokens: 3])
                command = command.holding(
                    HoldRequest(
                        id: id, ttlNanoseconds: 1_000_000_000, onExpiry: .suspect,
                        firstGrant: first))
                let outcome = try await scenario.outcome(command)
                try expect(outcome.isAdmitted, "units are held")
                for offset in 0..<2 as Range<Int64> {
                    let grant = GrantID(
                        holder: holder, incarnation: incarnation,
                        sequence: first.sequence + offset)
                    all.append((grant, subject.tenant))
                }
            }
        }
        scenario.clock.advance(by: .seconds(1))
        _ = try await scenario.reserve(subjects[0], 5)
        try await scenario.sweep()
        try await scenario.resolve(all[4].id, used: 1)
        all.removeSubrange(4..<6)
        try await scenario.reopen()
        let ledger = scenario.ledger
        let sorted = all.sorted { left, right in
            (ExactString(left.id.holder), left.id.incarnation, left.id.sequence)
                < (ExactString(right.id.holder), right.id.incarnation, right.id.sequence)
        }
        for tenant in [nil, subjects[0].tenant, subjects[1].tenant, TenantID(trusted: "c")] {
            let expected = sorted.filter { tenant == nil || $0.tenant == tenant }.map(\.id)
            try await expectPages(
                expected, "suspect grants of \(tenant?.text ?? "all")"
            ) { after, limit in
                let page = try await ledger.suspectGrants(of: tenant, after: after, limit: limit)
                for row in page {
                    let known = all.first { $0.id == row.grant.id }
                    try expectEqual(row.tenant, known?.tenant, "whose it is")
                    try expectEqual(row.grant.state, .suspect, "its state")
                    try expectEqual(row.grant.rest, 3, "its units")
                }
                return page.map(\.grant.id)
            }
        }
    }

    /// Pages of events, and those that are expected: newest first, and oldest first.
    private static func expectEvents(
        _ scenario: Scenario,
        _ page: EventPage,
        _ promise: String,
        _ matches: (UsageEvent) -> Bool = { _ in true },
        line: UInt = #line
    ) async throws {
        let all = try await scenario.ledger.events(of: page.tenant, after: nil, limit: 10_000)
        let expected = all.filter(matches)
            .sorted { left, right in
                (left.admittedAt, ExactString(left.id), left.meter)
                    > (right.admittedAt, ExactString(right.id), right.meter)
            }
        for isOldestFirst in [false, true] {
            let ordered = isOldestFirst ? expected.reversed() : expected
            try await expectPages(ordered, promise, line: line) { after, limit in
                try await scenario.ledger.events(
                    EventPage(
                        tenant: page.tenant, start: page.start, end: page.end,
                        meter: page.meter, key: page.key,
                        after: after.map {
                            EventPage.Place(
                                admittedAt: $0.admittedAt, id: $0.id, meter: $0.meter)
                        }, isOldestFirst: isOldestFirst, limit: limit))
            }
        }
    }

    /// Use of two meters and keys; many of the events lie on one instant.
    private static func useSome(_ scenario: Scenario) async throws -> Subject {
        var subject = Subject("acme", .tokens(nil, per: .month), .calls(nil, per: .month))
        subject.metadata = "{}"
        for index in 0..<18 {
            subject.key = index % 3 == 0 ? APIKeyID(trusted: "k1") : .service
            var amounts: [MeterID: Int64] = [Subject.tokens: Int64(index + 1)]
            if index % 2 == 0 { amounts[Subject.calls] = 1 }
            try await scenario.consume(subject, amounts)
            if index % 6 == 5 { scenario.clock.advance(by: .seconds(1)) }
        }
        let other = Subject("other", .tokens(nil, per: .month))
        try await scenario.consume(other, 1)
        return subject
    }

    private static func listsEvents(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = try await useSome(scenario)
        // One that is posted now and was admitted before.
        scenario.clock.advance(by: .seconds(-2))
        let held = try await scenario.reserve(subject, 3)
        scenario.clock.advance(by: .seconds(5))
        try await scenario.settle(held, 3)
        try await scenario.reopen()
        try expectEqual(try await scenario.events(subject).count, 28, "the events")
        try await expectEvents(scenario, EventPage(tenant: subject.tenant, limit: 1), "events")
        let none = try await scenario.ledger.events(
            EventPage(tenant: TenantID(trusted: "nobody"), limit: 9))
        try expect(none.isEmpty, "nobody else's", saw: "\(none)")
    }

    private static func filtersEvents(_ scenario: Scenario) async throws {
        let start = scenario.clock.now
        let subject = try await useSome(scenario)
        let (one, two) = (
            start.adding(nanoseconds: 1_000_000_000), start.adding(nanoseconds: 2_000_000_000)
        )
        let tenant = subject.tenant
        let key = APIKeyID(trusted: "k1")
        let ranges = [
            (Timestamp.distantPast, one), (one, two), (one, .distantFuture), (one, one),
        ]
        for (from, until) in ranges {
            for meter in [nil, Subject.tokens, MeterID(trusted: "x")] {
                for key in [nil, key, APIKeyID(trusted: "x")] {
                    try await expectEvents(
                        scenario,
                        EventPage(
                            tenant: tenant, start: from, end: until, meter: meter, key: key,
                            limit: 1),
                        "events from \(from) until \(until) of \(meter?.text ?? "all meters")"
                    ) { event in
                        from <= event.admittedAt && event.admittedAt < until
                            && (meter == nil || event.meter == meter)
                            && (key == nil || event.key == key)
                    }
                }
            }
        }
    }

    private static func ordersEventIDs(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(nil, per: .month))
        let ids = ["a_e\u{301}", "a_\u{E9}", "a_z", "a_\u{1F600}", "a_\u{FB01}", "a_Z", "a_"]
        for id in ids { try await scenario.adjust(subject, 1, id: id) }
        let bytes = ids.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        try await expectEvents(scenario, EventPage(tenant: subject.tenant, limit: 1), "events")
        for limit in [1, 2, 1_000] {
            var seen: [UsageEvent] = []
            while seen.count <= ids.count {
                let cursor = seen.last.map { EventCursor(id: $0.id, meter: $0.meter) }
                let page = try await scenario.ledger.events(
                    of: subject.tenant, after: cursor, limit: limit)
                if page.isEmpty { break }
                seen += page
            }
            try expectEqual(
                seen.map { Array($0.id.utf8) }, bytes, "by id, in pages of \(limit)")
        }
    }

    private static func listsWhileChanging(_ scenario: Scenario) async throws {
        let subject = try await useSome(scenario)
        let before = try await scenario.ledger.events(
            EventPage(tenant: subject.tenant, limit: 1_000))
        var seen: [UsageEvent] = []
        while seen.count < before.count {
            let after = seen.last.map {
                EventPage.Place(admittedAt: $0.admittedAt, id: $0.id, meter: $0.meter)
            }
            let page = try await scenario.ledger.events(
                EventPage(tenant: subject.tenant, after: after, limit: 3))
            if page.isEmpty { break }
            seen += page
            // What is newer than the page does not move it.
            scenario.clock.advance(by: .seconds(1))
            try await scenario.consume(subject, 1)
        }
        try expectEqual(seen, before, "the events as they were at the begin")
    }
}

extension AdmitCommand {
    /// The same request with its units held.
    fileprivate func holding(_ hold: HoldRequest) -> AdmitCommand {
        AdmitCommand(
            tenant: tenant, key: key, model: model, charges: charges, demands: demands,
            calendar: calendar, decisionID: decisionID, hold: hold, metadata: metadata)
    }
}
