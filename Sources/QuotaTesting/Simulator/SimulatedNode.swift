import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

/// The journal of one life of a node: what was written, and how much of it is on the disk for sure.
struct SimulatedJournal {
    var entries: [JournalEntry] = []
    var synced = 0
    /// Whether a power cut may have taken entries.
    var isCut = false
}

/// One node of a simulated cluster: the real decisions, on a simulated disk and clock.
struct SimulatedNode {
    enum State: Equatable {
        /// The process is not there.
        case down
        /// It takes its earlier lives over.
        case recovering
        /// It decides.
        case up
        /// It is stopped, and does not know it.
        case paused
    }

    /// A question to the ledger that is not answered.
    struct Call {
        let command: LedgerCommand
        let sentAt: Timestamp
    }

    /// A request of a client.
    struct Request {
        let operation: Int
        let arrivedAt: Timestamp
        var rounds = 0
    }

    /// An answer that waits for the disk.
    struct Reply {
        let operation: Int
        let position: Int
        let answer: SimulatedClient.Answer
    }

    let name: String
    var state = State.down
    /// How far the wall clock is off, in nanoseconds.
    var offset: Int64 = 0
    /// The journals on the disk, by incarnation.
    var disk: [Int64: SimulatedJournal] = [:]
    /// The limits that the node knows, by tenant.
    var limits: [TenantID: [CompiledLimit]] = [:]

    // What a crash takes.
    var table = LeaseTable(holder: Holder(name: "", incarnation: 0))
    var sequence = LeaseSequence()
    var fold = JournalFold(holder: Holder(name: "", incarnation: 0))
    var folded = 0
    var foldCall: Int?
    /// Reservations that ended here, and whose end the ledger has not heard of.
    var unfoldedEnds: Set<ReservationID> = []
    /// When the last fold was answered.
    var foldedAt = Timestamp.distantPast
    var calls: [Int: Call] = [:]
    var waiting: [Request] = []
    var replies: [Reply] = []
    var kept: [Int: SimulatedClient.Answer] = [:]
    var inbox: [Simulation.Message] = []
    var recovery: [LedgerCommand] = []
    /// When the last question was sent that the ledger has answered, in nanoseconds.
    var contact = Int64.min / 2
    /// The newest epoch that the ledger told of.
    var heardEpoch: Int64 = 0

    /// How long leases can be spent without the ledger: a minute, in nanoseconds.
    static let silence: Int64 = 60_000_000_000

    init(name: String) { self.name = name }

    var holder: Holder { table.holder }
    var incarnation: Int64 { table.holder.incarnation }
    var life: NaiveCluster.Life { NaiveCluster.Life(table.holder) }

    var journal: SimulatedJournal {
        get { disk[incarnation] ?? SimulatedJournal() }
        set { disk[incarnation] = newValue }
    }

    mutating func admit(
        _ command: AdmitCommand,
        now: Timestamp,
        steady: Timestamp
    ) -> LeaseTable.Admission {
        if let admission = table.admitOnLane(command, now: now, steady: steady) {
            return admission
        }
        let admission = table.admit(command, now: now, steady: steady, sequence: sequence)
        switch admission {
        case .admitted, .refused: table.openLane(for: command, steady: steady)
        case .draws, .owes, .waits, .looks, .cannotExtend: break
        }
        return admission
    }

    mutating func install(_ answer: DrawAnswer, to draw: DrawCommand, sentAt: Timestamp) {
        table.install(answer, to: draw, sentAt: sentAt, steady: sentAt, sequence: sequence)
    }

    /// Nobody keeps the buckets of the simulated nodes over a restart: a new life has full ones.
    mutating func fillBuckets(_ demands: [Demand], of tenant: TenantID, steady: Timestamp) {
        table.install(
            demands.map { _ in .bucket(TokenBucket(updatedAt: steady)) }, of: demands,
            tenant: tenant)
    }

    /// The newest life of which there is a journal; 0 for none.
    var newestLife: Int64 { disk.keys.max() ?? 0 }

    /// Ends a reservation that the node holds.
    mutating func conclude(
        _ id: ReservationID,
        of tenant: TenantID,
        _ event: ReservationEvent,
        now: Timestamp,
        steady: Timestamp
    ) throws(ReservationError) -> (Reservation, JournalEntry)? {
        let conclusion = try table.conclusion(of: id, of: tenant, event, now: now)
        if let conclusion { table.end(conclusion.0, steady: steady) }
        return conclusion
    }

    /// The ledger has answered a question.
    mutating func hear(of epoch: Int64, sentAt: Timestamp) {
        contact = max(contact, sentAt.nanoseconds)
        heardEpoch = max(heardEpoch, epoch)
    }

    /// The process ends, however.
    mutating func crash() {
        var next = SimulatedNode(name: name)
        next.disk = disk
        next.offset = offset
        next.limits = limits
        self = next
    }
}
