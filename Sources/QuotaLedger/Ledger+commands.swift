// One command at a time, with the answer's own type.
extension Ledger {
    /// Takes units, to book or to hold.
    public func admit(_ command: AdmitCommand) async throws(LedgerError) -> AdmitAnswer {
        guard case .admitted(let answer) = try await commit([.admit(command)]).first else {
            throw .mismatch
        }
        return answer
    }

    /// Settles, voids or expires a reservation.
    public func conclude(_ command: ConcludeCommand) async throws(LedgerError) -> ConcludeAnswer {
        guard case .concluded(let answer) = try await commit([.conclude(command)]).first else {
            throw .mismatch
        }
        return answer
    }

    /// Moves units between accounts and leases.
    public func draw(_ command: DrawCommand) async throws(LedgerError) -> DrawAnswer {
        guard case .drawn(let answer) = try await commit([.draw(command)]).first else {
            throw .mismatch
        }
        return answer
    }

    /// Reads the balances behind limits.
    public func view(_ command: ViewCommand) async throws(LedgerError) -> LimitView {
        guard case .viewed(let view) = try await commit([.view(command)]).first else {
            throw .mismatch
        }
        return view
    }

    /// Does what has become due.
    public func sweep(_ command: SweepCommand) async throws(LedgerError) -> SweepAnswer {
        guard case .swept(let answer) = try await commit([.sweep(command)]).first else {
            throw .mismatch
        }
        return answer
    }

    /// Runs a change to tenants, keys, plans, meters or settings.
    ///
    /// - Returns: its revision; nil when the id is taken.
    @discardableResult
    public func change(_ command: LedgerCommand) async throws(LedgerError) -> Int64? {
        switch try await commit([command]).first {
        case .changed(let revision): return revision
        case .alreadyExists: return nil
        default: throw .mismatch
        }
    }
}

extension LedgerError {
    /// A store answered another command than it was asked.
    static let mismatch = LedgerError(.invariant, "the ledger's answer does not fit the command")
}
