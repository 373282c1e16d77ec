import QuotaEngine
import QuotaLedger
import QuotaModel

// What administrators and holders of allocations ask for.
extension Scenario {
    /// Runs one command.
    func run(_ command: LedgerCommand, line: UInt = #line) async throws -> LedgerAnswer {
        let answers = try await ledger.commit([command])
        guard let answer = answers.first, answers.count == 1 else {
            throw ConformanceFailure(
                promise: "one answer for one command", seen: "\(answers)", line: line)
        }
        return answer
    }

    func allocation(
        _ subject: Subject,
        _ change: AllocateCommand.Change,
        claim: IdempotencyClaim? = nil,
        isEnforced: Bool = true
    ) -> AllocateCommand {
        let request = command(
            subject, [Subject.seats: 0], claim: claim, isEnforced: isEnforced)
        return AllocateCommand(request: request, meter: Subject.seats, change: change)
    }

    func allocate(_ command: AllocateCommand, line: UInt = #line) async throws -> AllocateAnswer {
        let answer = try await run(.allocate(command), line: line)
        guard case .allocated(let allocated) = answer else {
            throw mismatch(answer, line)
        }
        return allocated
    }

    /// Changes the seats held; answers by how many when they were given, nil when refused.
    @discardableResult
    func allocate(
        _ subject: Subject,
        _ change: AllocateCommand.Change,
        line: UInt = #line
    ) async throws -> Int64? {
        let answer = try await allocate(allocation(subject, change), line: line)
        guard case .decided(let outcome, let delta, _) = answer else {
            throw ConformanceFailure(
                promise: "an allocation is decided", seen: "\(answer)", line: line)
        }
        return outcome.isAdmitted ? delta : nil
    }

    @discardableResult
    func reset(
        _ subject: Subject,
        limit: Int = 0,
        line: UInt = #line
    ) async throws -> ResetAnswer {
        let answer = try await run(.reset(resetCommand(subject, limit: limit)), line: line)
        guard case .reset(let reset) = answer else { throw mismatch(answer, line) }
        return reset
    }

    func resetCommand(_ subject: Subject, limit: Int = 0) -> ResetCommand {
        ResetCommand(
            tenant: subject.tenant, limit: subject.limits[limit], calendar: subject.calendar)
    }

    @discardableResult
    func resolve(
        _ grant: GrantID,
        used: Int64,
        line: UInt = #line
    ) async throws -> ConcludeAnswer {
        let answer = try await run(
            .resolve(ResolveCommand(grant: grant, used: used)), line: line)
        guard case .concluded(let concluded) = answer else { throw mismatch(answer, line) }
        return concluded
    }

    func adjustment(
        _ subject: Subject,
        _ amount: Int64,
        of meter: MeterID = Subject.tokens,
        id: String
    ) -> AdjustCommand {
        AdjustCommand(
            tenant: subject.tenant, meter: meter, amount: amount,
            demands: subject.budgets(of: meter), calendar: subject.calendar,
            organizationCalendar: nil, id: Self.correctionID(id), metadata: subject.metadata)
    }

    @discardableResult
    func adjust(
        _ subject: Subject,
        _ amount: Int64,
        of meter: MeterID = Subject.tokens,
        id: String,
        line: UInt = #line
    ) async throws -> AdjustAnswer {
        let command = adjustment(subject, amount, of: meter, id: Self.correctionID(id))
        let answer = try await run(.adjust(command), line: line)
        guard case .adjusted(let adjusted) = answer else { throw mismatch(answer, line) }
        return adjusted
    }

    func importing(
        _ subject: Subject,
        _ meter: Meter,
        _ units: Int64,
        on date: CivilDate,
        id: String,
        lastRequestAt: Timestamp? = nil
    ) -> ImportUsageCommand {
        ImportUsageCommand(
            tenant: subject.tenant, key: subject.key, meter: meter, date: date, units: units,
            lastRequestAt: lastRequestAt, demands: subject.budgets(of: meter.id),
            calendar: subject.calendar, organizationCalendar: nil, id: Self.correctionID(id))
    }

    /// Imports use and says whether it is new.
    @discardableResult
    func importUsage(_ command: ImportUsageCommand, line: UInt = #line) async throws -> Bool {
        let answer = try await run(.importUsage(command), line: line)
        guard case .imported(let earlier) = answer else { throw mismatch(answer, line) }
        return earlier == nil
    }

    /// The grants of a reservation that are not closed, in the order they were made.
    func grants(_ reservation: Reservation, of owner: TenantID? = nil) async throws -> [GrantID] {
        try await ledger.unclosedGrants(of: owner ?? reservation.tenant)
            .filter { $0.reservation == reservation.id }.map(\.grant.id)
            .sorted { $0.sequence < $1.sequence }
    }

    func date(_ text: String) throws -> CivilDate {
        guard let date = CivilDate(text) else {
            throw ConformanceFailure(promise: "a date", seen: text, line: #line)
        }
        return date
    }

    private func mismatch(_ answer: LedgerAnswer, _ line: UInt) -> ConformanceFailure {
        ConformanceFailure(
            promise: "an answer that fits the command", seen: "\(answer)", line: line)
    }
}

extension Subject {
    static let seats = Meter.teamMembers.id

    /// The budgets of a meter; a correction wants nothing of them.
    func budgets(of meter: MeterID) -> [Demand] {
        looks.filter { $0.limit.limit.meter == meter && $0.limit.limit.window.kind == .budget }
    }
}

extension Limit {
    /// A limit on seats.
    static func seats(
        _ quantity: Int64?,
        scope: LimitScope = .tenant,
        mode: Mode = .enforce
    ) -> Limit {
        Limit(meter: Subject.seats, scope: scope, window: .none, quantity: quantity, mode: mode)
    }
}

extension LedgerAnswer {
    /// What became of a change, in a word.
    var word: String {
        switch self {
        case .changed: "changed"
        case .alreadyExists: "already exists"
        case .notFound: "not found"
        case .stale: "stale"
        default: "\(self)"
        }
    }
}

extension Scenario {
    /// Ids of corrections and imports begin with an `a`.
    fileprivate static func correctionID(_ id: String) -> String {
        id.hasPrefix("a") ? id : "a." + id
    }
}
