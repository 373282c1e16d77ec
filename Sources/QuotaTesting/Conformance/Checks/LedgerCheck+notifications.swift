import QuotaEngine
import QuotaLedger
import QuotaModel

// What is told, and to whom.
extension LedgerCheck {
    static let notifications = [
        LedgerCheck("B2: each threshold is told once in a period, and the end", tellsThresholds),
        LedgerCheck("B2: a limit that does not warn tells only that it is used up", staysSilent),
        LedgerCheck("B9: room again is told once, and the reset", tellsRecovery),
        LedgerCheck("an allocation is told of each time it is reached", tellsAllocations),
        LedgerCheck("endpoints get what they asked for, in the same transaction", fansOut),
        LedgerCheck("a delivery is kept as it was reported, and can be replayed", keepsDeliveries),
        LedgerCheck("old notifications are forgotten with their deliveries", forgetsNotifications),
    ]

    static func told(
        _ scenario: Scenario,
        of tenant: String = "acme"
    ) async throws -> [String] {
        try await scenario.ledger
            .notifications(
                NotificationPage(tenant: TenantID(trusted: tenant), limit: 99)
            )
            .map { told in
                let percent = told.use?.percent.map { " \($0)" } ?? ""
                return "\(told.kind.rawValue)\(percent)"
            }
    }

    private static func limit(_ quantity: Int64, thresholds: [Int]?) -> Limit {
        var limit = Limit.tokens(quantity, per: .month)
        limit.thresholds = thresholds
        return limit
    }

    private static func tellsThresholds(_ first: Scenario) async throws {
        var scenario = first
        let subject = Subject("acme", limit(100, thresholds: [50, 80, 95]))
        try scenario.setClock("2027-01-10T00:00:00Z")
        try await scenario.consume(subject, 49)
        try expectEqual(try await told(scenario), [], "told below the first")
        try await scenario.consume(subject, 1)
        try await scenario.reopen()
        try await scenario.consume(subject, 40)
        let expected = ["quota.threshold_reached 50", "quota.threshold_reached 80"]
        try expectEqual(try await told(scenario), expected, "told at 90")
        try await scenario.consume(subject, 10)
        let all = expected + ["quota.threshold_reached 95", "quota.exhausted 100"]
        try expectEqual(try await told(scenario), all, "told at 100")
        let told = try await scenario.ledger.notifications(NotificationPage(limit: 1))[0]
        try expectEqual(told.use?.used, 50, "the use then")
        try expectEqual(told.use?.quantity, 100, "of")
        try expectEqual(told.limit, "tenant:ai_tokens/month", "the limit")
        try expectEqual(
            told.use?.period?.end, try scenario.instant("2027-02-01T00:00:00Z"), "the period's end")
        try scenario.setClock("2027-02-10T00:00:00Z")
        try await scenario.consume(subject, 60)
        try expectEqual(
            try await Self.told(scenario), all + ["quota.reset", "quota.threshold_reached 50"],
            "told of the next period")
        try await scenario.expectSound()
    }

    private static func staysSilent(_ scenario: Scenario) async throws {
        var quiet = Limit.tokens(10, per: .month)
        quiet.warns = false
        // Whatever thresholds it would warn at.
        quiet.thresholds = [50, 80]
        let subject = Subject("acme", quiet)
        try await scenario.consume(subject, 9)
        try expectEqual(try await told(scenario), [], "told at 90 percent")
        try await scenario.consume(subject, 1)
        try expectEqual(try await told(scenario), ["quota.exhausted 100"], "told at the end")
        // What is held is not used.
        let usual = Subject("beta", .tokens(10, per: .month))
        let held = try await scenario.reserve(usual, 10)
        try expectEqual(try await told(scenario, of: "beta"), [], "told of what is held")
        try await scenario.settle(held, 8)
        try expectEqual(
            try await told(scenario, of: "beta"), ["quota.threshold_reached 80"], "told of 8")
    }

    private static func tellsRecovery(_ scenario: Scenario) async throws {
        let subject = Subject("acme", limit(10, thresholds: []))
        try scenario.setClock("2027-01-10T00:00:00Z")
        try await scenario.consume(subject, 10)
        for number in 1...2 {
            let grant = TopUp(
                id: TopUpID(trusted: "g\(number)"), granted: 5, grantedAt: scenario.clock.now)
            _ = try await scenario.run(
                .topUp(
                    TopUpCommand(
                        tenant: subject.tenant, limit: subject.limits[0],
                        calendar: subject.calendar, change: .grant(grant))))
            try await scenario.consume(subject, 5)
        }
        try expectEqual(
            try await told(scenario), ["quota.exhausted 100", "quota.recovered"], "each once")
        scenario.clock.advance(by: .seconds(60))
        try await scenario.reset(subject)
        try expectEqual(
            try await told(scenario), ["quota.exhausted 100", "quota.recovered", "quota.reset"],
            "told of a reset")
        // By hand it is told of, whatever was told before.
        let other = Subject("beta", limit(10, thresholds: []))
        try await scenario.consume(other, 1)
        scenario.clock.advance(by: .seconds(60))
        try await scenario.reset(other)
        try expectEqual(try await told(scenario, of: "beta"), ["quota.reset"], "of the other")
        // Without a bound there is room, with one of nothing there is none.
        let third = Subject("gamma", limit(10, thresholds: []))
        try await scenario.consume(third, 10)
        var changed = third
        for (revision, quantity) in [(2, nil), (3, 0)] as [(Int64, Int64?)] {
            changed = Subject("gamma", .tokens(quantity, per: .month), revision: revision)
            try await scenario.refresh(changed)
        }
        try expectEqual(
            try await told(scenario, of: "gamma"), ["quota.exhausted 100", "quota.recovered"],
            "of one that was unlimited for a while")
        let nothing = Subject("delta", .tokens(nil, per: .month))
        try await scenario.consume(nothing, 7)
        try await scenario.refresh(Subject("delta", .tokens(0, per: .month), revision: 2))
        try expectEqual(
            try await told(scenario, of: "delta"), ["quota.exhausted 100"], "of a limit of 0")
        // All is credited, and still there is no room.
        _ = try await scenario.adjust(
            Subject("delta", .tokens(0, per: .month), revision: 2), -7, id: "c1")
        try expectEqual(
            try await told(scenario, of: "delta"), ["quota.exhausted 100"], "after a credit")
        try await scenario.refresh(Subject("delta", .tokens(9, per: .month), revision: 3))
        try expectEqual(
            try await told(scenario, of: "delta"), ["quota.exhausted 100", "quota.recovered"],
            "of a limit of 9")
        try await scenario.expectSound()
    }

    private static func tellsAllocations(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", Limit(meter: Meter.teamMembers.id, window: .none, quantity: 10))
        for delta in [9, -3, 3, -9, 10, -1, 1, -1, 1] as [Int64] {
            _ = try await scenario.allocate(subject, .delta(delta))
        }
        try expectEqual(
            try await told(scenario),
            [
                "quota.threshold_reached 80", "quota.threshold_reached 80",
                "quota.threshold_reached 80", "quota.exhausted 100", "quota.recovered",
                "quota.exhausted 100", "quota.recovered", "quota.exhausted 100",
            ], "told of seats")
    }

    // MARK: Endpoints

    private static func endpoint(
        _ id: String,
        _ scenario: Scenario,
        kinds: Set<QuotaNotification.Kind> = [],
        tenant: String? = nil
    ) -> WebhookEndpoint {
        WebhookEndpoint(
            id: WebhookID(trusted: id), url: "https://example.com/\(id)", kinds: kinds,
            tenant: tenant.map(TenantID.init(trusted:)), pepperVersion: 1,
            createdAt: scenario.clock.now)
    }

    private static func due(_ scenario: Scenario) async throws -> [String] {
        try await scenario.ledger.dueDeliveries(at: scenario.clock.now, perEndpoint: 9)
            .map { "\($0.delivery.id.endpoint.text) \($0.notification.kind.rawValue)" }
    }

    private static func fansOut(_ first: Scenario) async throws {
        var scenario = first
        for endpoint in [
            endpoint("all", scenario), endpoint("beta", scenario, tenant: "beta"),
            endpoint("ends", scenario, kinds: [.exhausted]),
        ] {
            _ = try await scenario.run(.createEndpoint(endpoint))
        }
        try expectEqual(
            try await scenario.run(.createEndpoint(endpoint("all", scenario))).word,
            "already exists", "the same endpoint")
        try await checkBound(scenario)
        try await scenario.reopen()
        try await scenario.consume(Subject("acme", .tokens(10, per: .month)), 10)
        let expected = [
            "all quota.threshold_reached", "all quota.exhausted", "ends quota.exhausted",
        ]
        try expectEqual(try await due(scenario), expected, "what is due")
        var disabled = endpoint("all", scenario)
        disabled.status = .disabled
        let known = endpoint("all", scenario)
        try expectEqual(
            try await scenario.run(.updateEndpoint(disabled, replacing: known)).word, "changed",
            "a change of what was read")
        try expectEqual(
            try await scenario.run(.updateEndpoint(known, replacing: known)).word, "stale",
            "a change of what has changed since")
        let gone = endpoint("gone", scenario)
        try expectEqual(
            try await scenario.run(.updateEndpoint(gone, replacing: gone)).word, "not found",
            "a change of none")
        try expectEqual(try await due(scenario), ["ends quota.exhausted"], "without a disabled one")
        _ = try await scenario.run(.deleteEndpoint(WebhookID(trusted: "ends")))
        try expectEqual(try await due(scenario), [], "without a deleted one")
        try expectEqual(
            try await scenario.ledger.endpoints().map(\.id.text), ["all", "beta"], "the endpoints")
    }

    /// Creates as many endpoints as there may be, and one more, and deletes them again.
    private static func checkBound(_ scenario: Scenario) async throws {
        let known = try await scenario.ledger.endpoints().count
        let ids = (known...WebhookEndpoint.maximumCount).map { "bound.\($0)" }
        var words: Set<String> = []
        for id in ids.dropLast() {
            words.insert(try await scenario.run(.createEndpoint(endpoint(id, scenario))).word)
        }
        try expectEqual(words, ["changed"], "as many endpoints as there may be")
        let last = ids.last ?? ""
        try expectEqual(
            try await scenario.run(.createEndpoint(endpoint(last, scenario))).word, "outOfRange",
            "one more")
        for id in ids.dropLast() {
            _ = try await scenario.run(.deleteEndpoint(WebhookID(trusted: id)))
        }
    }

    private static func keepsDeliveries(_ first: Scenario) async throws {
        var scenario = first
        _ = try await scenario.run(.createEndpoint(endpoint("all", scenario)))
        try await scenario.consume(Subject("acme", .tokens(10, per: .month)), 8)
        let found = try await scenario.ledger.dueDeliveries(
            at: scenario.clock.now, perEndpoint: 9)
        guard var delivery = found.first?.delivery else {
            return try expect(false, "a delivery is due")
        }
        delivery.attempts = 1
        delivery.lastStatus = 500
        delivery.lastFailure = "the receiver answered 500"
        delivery.nextAttemptAt = scenario.clock.now.adding(nanoseconds: 5_000_000_000)
        for _ in 0..<2 {
            _ = try await scenario.run(.recordDeliveries([DeliveryReport(delivery: delivery)]))
        }
        try await scenario.reopen()
        try expectEqual(try await due(scenario), [], "while it waits")
        scenario.clock.advance(by: .seconds(5))
        try expectEqual(try await due(scenario).count, 1, "after it waited")
        delivery.attempts = 2
        delivery.state = .dead
        delivery.nextAttemptAt = nil
        _ = try await scenario.run(
            .recordDeliveries([DeliveryReport(delivery: delivery, disabling: "gone")]))
        let page = DeliveryPage(endpoint: delivery.id.endpoint, state: .dead, limit: 9)
        try expectEqual(
            try await scenario.ledger.deliveries(page).map(\.delivery), [delivery], "the dead one")
        guard let endpoint = try await scenario.ledger.endpoints().first else {
            return try expect(false, "the endpoint is there")
        }
        try expectEqual(endpoint.failure, "gone", "why it was disabled")
        var active = endpoint
        (active.status, active.failure) = (.active, nil)
        _ = try await scenario.run(.updateEndpoint(active, replacing: endpoint))
        let replay = ReplayCommand(endpoint: delivery.id.endpoint, numbers: [delivery.id.number])
        try expectEqual(try await scenario.run(.replay(replay)).word, "changed", "a replay")
        try expectEqual(try await due(scenario).count, 1, "after the replay")
        // An attempt that began before the replay says nothing of what is to come.
        delivery.attempts = 3
        delivery.state = .delivered
        _ = try await scenario.run(.recordDeliveries([DeliveryReport(delivery: delivery)]))
        try expectEqual(try await due(scenario).count, 1, "after a report of before it")
        let unknown = ReplayCommand(endpoint: delivery.id.endpoint, numbers: [4_711])
        try expectEqual(try await scenario.run(.replay(unknown)).word, "not found", "of none")
    }

    private static func forgetsNotifications(_ scenario: Scenario) async throws {
        _ = try await scenario.run(.createEndpoint(endpoint("all", scenario)))
        try await scenario.consume(Subject("acme", .tokens(10, per: .month)), 8)
        scenario.clock.advance(by: .seconds(60))
        let between = scenario.clock.now
        scenario.clock.advance(by: .seconds(60))
        try await scenario.consume(Subject("beta", .tokens(10, per: .month)), 8)
        for _ in 0..<2 {
            _ = try await scenario.run(
                .sweep(
                    SweepCommand(
                        forgetAnswersBefore: .distantPast, maximumAnswers: 9,
                        forgetNotificationsBefore: between)))
        }
        let left = try await scenario.ledger.notifications(NotificationPage(limit: 9))
        try expectEqual(left.map(\.number), [2], "the numbers that are left")
        try expectEqual(try await due(scenario).count, 1, "the deliveries that are left")
    }
}
