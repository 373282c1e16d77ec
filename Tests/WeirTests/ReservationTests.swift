import QuotaModel
import QuotaTesting
import Testing
import Weir

@Suite("reservations of an embedded engine")
struct ReservationTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private func tokens(_ amount: Int64) -> [Charge] {
        [Charge(meter: .aiTokens, amount: amount)]
    }

    private func status(_ weir: Weir) async throws -> LimitStatus {
        let usage = try await weir.usage(of: "acme")
        return try #require(usage.limits.first { $0.meter == .aiTokens })
    }

    @Test("settling books the true use and gives the rest back")
    func settles() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            switch try await weir.reserve(tenant: "acme", charges: tokens(2_000)) {
            case .refused: Issue.record("refused")
            case .held(let reservation):
                #expect(reservation.held == tokens(2_000))
                #expect(reservation.decision.limits[0].held == 2_000)
                #expect(
                    reservation.expiresAt == folder.clock.now.adding(nanoseconds: 60_000_000_000))
                let settled = try await reservation.settle(tokens(1_234))
                #expect(settled.state == .settled)
                #expect(settled.settled == tokens(1_234))
            }
            let after = try await status(weir)
            #expect((after.used, after.held) == (1_234, 0))
            #expect(weir.droppedReservations == 0)
        }
    }

    @Test("without charges it settles as held; voiding gives everything back")
    func endings() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            if case .held(let reservation) = try await weir.reserve(
                tenant: "acme", charges: tokens(100))
            {
                try await reservation.settle()
            }
            if case .held(let reservation) = try await weir.reserve(
                tenant: "acme", charges: tokens(50))
            {
                try await reservation.void()
            }
            let after = try await status(weir)
            #expect((after.used, after.held) == (100, 0))
            #expect(weir.droppedReservations == 0)
        }
    }

    @Test("what is refused holds nothing")
    func refused() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            switch try await weir.reserve(tenant: "acme", charges: tokens(100_001)) {
            case .held: Issue.record("held")
            case .refused(let decision):
                #expect(decision.deniedBy?.limitID == "tenant:ai_tokens/month")
            }
            #expect(try await status(weir).held == 0)
        }
    }

    @Test(
        "a dropped one is counted and logged, and its on_expiry comes true",
        arguments: [
            (Reservation.OnExpiry.void, Int64(0), Int64(0)), (.post, 500, 0), (.suspect, 500, 500),
        ])
    func dropped(onExpiry: Reservation.OnExpiry, used: Int64, suspect: Int64) async throws {
        try await Weir.withOpen(folder.options()) { weir in
            _ = try await weir.reserve(
                tenant: "acme", charges: tokens(500), timeToLive: .seconds(5), onExpiry: onExpiry)
            #expect(weir.droppedReservations == 1)
            #expect(folder.log.lines.filter { $0.contains("a reservation was dropped") }.count == 1)
            #expect(try await status(weir).held == 500)
            folder.clock.advance(by: .seconds(6))
            await folder.ticker.round()
            let after = try await status(weir)
            #expect((after.used, after.held, after.suspect) == (used, 0, suspect))
        }
    }

    @Test("by its id it ends although the handle is gone, once, and the first end stands")
    func byID() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            var id: ReservationID?
            if case .held(let reservation) = try await weir.reserve(
                tenant: "acme", charges: tokens(500))
            {
                id = reservation.id
            }
            let known = try #require(id)
            #expect(try await weir.settle(known, charges: tokens(7)).settled == tokens(7))
            #expect(try await weir.settle(known, charges: tokens(7)).settled == tokens(7))
            let error = await #expect(throws: WeirError.self) { try await weir.void(known) }
            #expect(error?.code == .conflict)
            let unknown = await #expect(throws: WeirError.self) { try await weir.void("r_nobody") }
            #expect(unknown?.code == .notFound)
            #expect(try await status(weir).used == 7)
        }
    }

    @Test("one that outlives its engine is told so, and settled by the next")
    func outlives() async throws {
        let weir = try await Weir.open(folder.options())
        guard
            case .held(let reservation) = try await weir.reserve(
                tenant: "acme", charges: tokens(500), timeToLive: .seconds(600))
        else {
            Issue.record("refused")
            return
        }
        let id = reservation.id
        try await weir.close()
        do {
            try await reservation.settle(tokens(20))
            Issue.record("settled")
        } catch {
            #expect(error.code == .closed)
        }
        #expect(weir.droppedReservations == 0, "an error was thrown: it is not silent")
        try await Weir.withOpen(folder.options()) { next in
            try await next.settle(id, charges: tokens(20))
            let after = try await status(next)
            #expect((after.used, after.held) == (20, 0))
        }
    }

    @Test(
        "times that can't be meant are refused", arguments: [.zero, .seconds(86_401)] as [Duration])
    func times(timeToLive: Duration) async throws {
        try await Weir.withOpen(folder.options()) { weir in
            let error = await #expect(throws: WeirError.self) {
                _ = try await weir.reserve(
                    tenant: "acme", charges: tokens(1), timeToLive: timeToLive)
            }
            #expect(error?.field == "timeToLive")
        }
    }
}
