import QuotaEngine
import QuotaLedger
import QuotaModel

/// How units are held.
struct Hold: Sendable {
    var ttlSeconds: Int64 = 60
    var onExpiry = Reservation.OnExpiry.suspect
}

// Requests.
extension Scenario {
    func command(
        _ subject: Subject,
        _ amounts: [MeterID: Int64],
        hold: Hold? = nil,
        claim: IdempotencyClaim? = nil,
        isEnforced: Bool = true,
        decision: String? = nil
    ) -> AdmitCommand {
        let number = serial.next(16)
        let request = hold.map { hold in
            HoldRequest(
                id: ReservationID(trusted: "r_\(number)"),
                ttlNanoseconds: hold.ttlSeconds * 1_000_000_000, onExpiry: hold.onExpiry,
                firstGrant: GrantID(holder: "node", incarnation: 1, sequence: number))
        }
        return AdmitCommand(
            tenant: subject.tenant,
            key: subject.key,
            model: subject.model,
            charges: amounts.sorted { $0.key < $1.key }
                .map { meter, amount in
                    MeteredCharge(
                        charge: Charge(meter: meter, amount: amount),
                        recording: recordings[meter] ?? .event)
                },
            demands: subject.demands(amounts),
            calendar: subject.calendar,
            isEnforced: isEnforced,
            decisionID: decision ?? "d_\(number)",
            hold: request,
            idempotency: claim,
            metadata: subject.metadata)
    }

    /// Takes units and says what came of it.
    @discardableResult
    func consume(_ subject: Subject, _ amounts: [MeterID: Int64]) async throws -> AdmitOutcome {
        try await outcome(command(subject, amounts))
    }

    /// Takes tokens and says whether they were given.
    @discardableResult
    func consume(_ subject: Subject, _ tokens: Int64) async throws -> Bool {
        try await consume(subject, [Subject.tokens: tokens]).isAdmitted
    }

    /// Runs a command that must be decided.
    func outcome(_ command: AdmitCommand, line: UInt = #line) async throws -> AdmitOutcome {
        let answer = try await ledger.admit(command)
        guard case .decided(let outcome, _) = answer else {
            throw ConformanceFailure(
                promise: "a request is decided", seen: "\(answer)", line: line)
        }
        return outcome
    }

    /// Holds units that must be there.
    func reserve(
        _ subject: Subject,
        _ amounts: [MeterID: Int64],
        _ hold: Hold = Hold(),
        line: UInt = #line
    ) async throws -> Reservation {
        let outcome = try await outcome(command(subject, amounts, hold: hold), line: line)
        guard let reservation = outcome.reservation else {
            throw ConformanceFailure(
                promise: "units that are there can be held", seen: "\(outcome)", line: line)
        }
        return reservation
    }

    /// Holds tokens that must be there.
    func reserve(
        _ subject: Subject,
        _ tokens: Int64,
        _ hold: Hold = Hold(),
        line: UInt = #line
    ) async throws -> Reservation {
        try await reserve(subject, [Subject.tokens: tokens], hold, line: line)
    }

    func conclusion(
        _ reservation: Reservation,
        _ event: ReservationEvent,
        by tenant: TenantID? = nil
    ) -> ConcludeCommand {
        ConcludeCommand(
            reservation: reservation.id, tenant: tenant ?? reservation.tenant, event: event,
        )
    }

    @discardableResult
    func conclude(
        _ reservation: Reservation,
        _ event: ReservationEvent,
        by tenant: TenantID? = nil
    ) async throws -> ConcludeAnswer {
        try await ledger.conclude(conclusion(reservation, event, by: tenant))
    }

    /// Settles tokens, which must be accepted.
    @discardableResult
    func settle(
        _ reservation: Reservation,
        _ tokens: Int64,
        line: UInt = #line
    ) async throws -> Reservation {
        let charges = [Charge(meter: Subject.tokens, amount: tokens)]
        let answer = try await conclude(reservation, .settle(charges))
        guard case .done(let ended) = answer else {
            throw ConformanceFailure(
                promise: "a settlement is accepted", seen: "\(answer)", line: line)
        }
        return ended
    }
}
