import QuotaEngine
import QuotaLedger
import QuotaModel

/// One life of a node that leases units, as far as a ledger sees it.
struct LeasingNode: Sendable {
    let holder: Holder
    var epoch: Int64 = 0
    /// The smallest sequence that it waits for.
    var floor: Int64 = 0
    private var sequence: Int64 = 0
    private var position: Int64 = 0

    /// Begins a new life of a node.
    init(_ scenario: Scenario, _ name: String = "n1") async throws {
        let answer = try await scenario.run(.beginHolder(BeginHolderCommand(name: name)))
        guard case .begun(let begun) = answer else { throw Self.mismatch(answer) }
        holder = begun.holder
    }

    /// Asks for what one request needs of each limit.
    mutating func ask(
        _ scenario: Scenario,
        _ subject: Subject,
        _ amounts: [MeterID: Int64],
        returns: [LeaseReturn] = []
    ) async throws -> DrawAnswer {
        let wants = subject.demands(amounts)
            .map { demand in
                sequence += 1
                return LeaseWant(demand: demand, wanted: 0, lease: lease(sequence))
            }
        return try await draw(scenario, subject, wants, returns: returns)
    }

    /// Sends a draw; without wants it only gives back, and says that the node lives.
    func draw(
        _ scenario: Scenario,
        _ subject: Subject,
        _ wants: [LeaseWant] = [],
        returns: [LeaseReturn] = []
    ) async throws -> DrawAnswer {
        let answer = try await scenario.run(
            .draw(
                DrawCommand(
                    holder: holder, epoch: epoch, floor: floor, tenant: subject.tenant,
                    calendar: subject.calendar, returns: returns, wants: wants)))
        guard case .drawn(let drawn) = answer else { throw Self.mismatch(answer) }
        return drawn
    }

    /// Leases units that must be there, one lease for each limit of the meter.
    @discardableResult
    mutating func lease(
        _ scenario: Scenario,
        _ subject: Subject,
        _ units: Int64,
        line: UInt = #line
    ) async throws -> [GrantID] {
        let answer = try await ask(scenario, subject, [Subject.tokens: units])
        guard case .granted(let grants, _) = answer else {
            throw ConformanceFailure(
                promise: "units that are there can be leased", seen: "\(answer)", line: line)
        }
        return grants.map(\.id)
    }

    /// Folds a reservation that holds units of a lease.
    mutating func hold(
        _ scenario: Scenario,
        _ subject: Subject,
        _ units: Int64,
        of lease: GrantID
    ) async throws -> Reservation {
        let held = FoldedReservation(
            reservation: subject.reservation("r_1", units, at: scenario.clock.now),
            pieces: [HeldPiece(lease: lease, units: units)])
        try await fold(scenario, nextPart(reservations: [held]))
        return held.reservation
    }

    /// The id of a lease.
    func lease(_ sequence: Int64) -> GrantID {
        GrantID(holder: holder.name, incarnation: holder.incarnation, sequence: sequence)
    }

    /// Gives units back.
    func giveBack(
        _ scenario: Scenario,
        _ subject: Subject,
        _ lease: GrantID,
        _ units: Int64
    ) async throws {
        let returns = [LeaseReturn(lease: lease, returned: units)]
        _ = try await draw(scenario, subject, returns: returns)
    }

    /// The next part of its journal.
    mutating func nextPart(
        uses: [LeaseUse] = [],
        sums: [UseSum] = [],
        events: [FoldedEvent] = [],
        reservations: [FoldedReservation] = [],
        answers: [IdempotencyRecord] = []
    ) -> FoldCommand {
        defer { position += 1 }
        return FoldCommand(
            holder: holder,
            ranges: [StreamRange(stream: 0, from: position, through: position + 1)], uses: uses,
            sums: sums, events: events, reservations: reservations, answers: answers)
    }

    /// Folds a part of its journal, which must be taken.
    func fold(_ scenario: Scenario, _ command: FoldCommand, line: UInt = #line) async throws {
        let answer = try await answer(scenario, command)
        guard case .folded = answer else {
            throw ConformanceFailure(
                promise: "a part of a journal is folded", seen: "\(answer)", line: line)
        }
    }

    /// Folds a part of its journal.
    func answer(_ scenario: Scenario, _ command: FoldCommand) async throws -> FoldAnswer {
        let answer = try await scenario.run(.fold(command))
        guard case .folded(let folded) = answer else { throw Self.mismatch(answer) }
        return folded
    }

    /// Folds what was used of a lease, without saying what for.
    mutating func use(
        _ scenario: Scenario,
        _ lease: GrantID,
        _ units: Int64,
        closing: Bool = false,
        line: UInt = #line
    ) async throws {
        let use = LeaseUse(lease: lease, used: units, isClosed: closing)
        try await fold(scenario, nextPart(uses: [use]), line: line)
    }

    /// The life is over.
    func end(_ scenario: Scenario, _ evidence: JournalEvidence) async throws {
        _ = try await scenario.run(
            .endHolder(EndHolderCommand(holder: holder, evidence: evidence)))
    }

    private static func mismatch(_ answer: LedgerAnswer) -> ConformanceFailure {
        ConformanceFailure(
            promise: "an answer that fits the command", seen: "\(answer)", line: #line)
    }
}
