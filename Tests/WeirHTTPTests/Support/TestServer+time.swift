import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

extension TestServer {
    /// Sets the clock.
    func move(to instant: String) throws {
        clock.set(try #require(Timestamp(instant)))
    }

    /// Sets the clock to the last nanosecond before an instant.
    func moveBefore(_ instant: String) throws {
        clock.set(try #require(Timestamp(instant)).adding(nanoseconds: -1))
    }

    /// Sweeps until nothing is left to do.
    func settleDown() async throws {
        for _ in 0..<5 { _ = try await node.sweep() }
    }

    /// A reservation that fell silent: made, and past its time.
    ///
    /// - Returns: The id of the reservation.
    func suspectReservation(_ charges: [(Int64, String)], tenant: String = "acme")
        async throws -> String
    {
        let reply = try await admin.reserve([
            "tenant": .string(tenant),
            "charges": .array(charges.map { .charge($0.0, $0.1) }),
        ])
        #expect(reply.status == 201, "\(reply.text)")
        clock.advance(by: .seconds(60))
        try await settleDown()
        return reply.string("reservation_id")
    }

    /// A node leases tokens, and dies without its journal when it `isOver`.
    func loseLease(of units: Int64, isOver: Bool = true) async throws {
        let limit = CompiledLimit(
            Limit(meter: Meter.aiTokens.id, window: .month, quantity: 100_000), key: nil,
            source: .plan, revision: 1 << 40)
        let holder = Holder(name: "lost", incarnation: 1)
        let want = LeaseWant(
            demand: Demand(limit: limit, amount: units), wanted: units,
            lease: GrantID(holder: "lost", incarnation: 1, sequence: 1))
        let draw = DrawCommand(
            holder: holder, epoch: 0, floor: 0, tenant: TenantID(trusted: "acme"),
            calendar: TenantCalendar(zone: .utc), wants: [want])
        _ = try await ledger.commit([.beginHolder(BeginHolderCommand(name: "lost")), .draw(draw)])
        guard isOver else { return }
        _ = try await ledger.commit([
            .endHolder(EndHolderCommand(holder: holder, evidence: .incomplete))
        ])
    }
}
