import QuotaEngine
package import QuotaLedger
package import QuotaModel
package import QuotaNode

/// A whole cluster in one thread, under seeded time: a ledger, nodes with leases and journals, and
/// clients with reservations and retries.
///
/// Messages are lost, doubled, delayed and reordered; nodes crash with and without their disk, lose
/// power, pause, and have wrong clocks; periods end, limits change, leases are recalled and tenants
/// evicted. The decisions are the real ones; time, network and disks are not. After each step all
/// that must hold is checked against ``NaiveCluster``.
///
/// Everything follows from the seed. Each action draws from a source of its own, so that leaving
/// one out disturbs the others little, and a failing run can be made short. Source: the simulators
/// of FoundationDB (W. Wilson, "Testing Distributed Systems with Deterministic Simulation", 2014)
/// and TigerBeetle.
package struct Simulation {
    enum Message {
        case toLedger(LedgerCommand, node: Int, call: Int, incarnation: Int64)
        case toNode(LedgerAnswer, node: Int, call: Int, incarnation: Int64)
        case request(SimulatedNode.Request, node: Int)
        case answer(SimulatedClient.Answer, operation: Int)
        case recall(TenantID, node: Int)
        case grown([AccountKey: Int64], TenantID, node: Int)
    }

    /// The afternoon of the last day of a month.
    private static let start = Timestamp(seconds: 1_796_047_200)

    /// What the run follows from.
    package let seed: UInt64
    let omitted: OmittedRules
    /// Actions that are left out, by number.
    let skipped: Set<Int>
    let recordsHistory: Bool
    /// Whether what the ledger was asked is kept, for another ledger; its two clocks are one then.
    let recordsCommands: Bool
    /// The ledger is stopped and started before each question with a number that is one less than
    /// a multiple of this; nil for never.
    let restartInterval: Int?
    var random: SeededRandom
    var plan: SimulationPlan
    var store = MemoryStore(plans: [], meters: SimulationPlan.meters)
    var nodes: [SimulatedNode]
    var client = SimulatedClient()
    var naive = NaiveCluster()
    var messages: [Message] = []
    /// The true time, in nanoseconds; what no clock of the cluster need show.
    var time: Int64
    /// How far the ledger's wall clock is off.
    var ledgerOffset: Int64 = 0
    /// When the ledger answers again.
    var ledgerReturnsAt = Int64.min
    /// The operation that the ledger is asked directly.
    var directOperation: Int?
    /// Reservations that the transaction under way settles.
    var settledNow: [String] = []
    var step = 0
    var nextCall = 0
    private(set) var actions = 0
    /// What the ledger was asked, when, and what it said, when that is recorded.
    package var commands: [(command: LedgerCommand, at: Timestamp, answer: LedgerAnswer)] = []
    /// What happened, when it is recorded.
    package private(set) var history: [String] = []

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - seed: what it follows from.
    ///   - omitted: rules that are left out.
    ///   - skipped: the numbers of actions that are left out.
    ///   - recordsHistory: whether it can be told afterwards what happened.
    ///   - recordsCommands: whether what the ledger was asked is kept.
    ///   - restartInterval: after how many questions the ledger is stopped and started, when they
    ///     are kept; nil for never.
    package init(
        seed: UInt64,
        omitted: OmittedRules = [],
        skipped: Set<Int> = [],
        recordsHistory: Bool = false,
        recordsCommands: Bool = false,
        restartInterval: Int? = nil
    ) {
        self.recordsCommands = recordsCommands
        self.restartInterval = restartInterval
        self.seed = seed
        self.omitted = omitted
        self.skipped = skipped
        self.recordsHistory = recordsHistory
        random = SeededRandom(seed: seed)
        plan = SimulationPlan(&random)
        time = Self.start.nanoseconds
        naive.unbounded = plan.unbounded
        nodes = (0..<plan.nodeCount).map { SimulatedNode(name: "n\($0)") }
        for node in nodes.indices {
            for tenant in plan.tenants { nodes[node].limits[tenant.id] = tenant.limits }
        }
    }

    /// Takes steps, checks after each, and at last lets everything come to rest.
    ///
    /// - Parameter steps: how many.
    /// - Throws: ``SimulationFailure``.
    package mutating func run(steps: Int) throws(SimulationFailure) {
        for node in nodes.indices { start(node) }
        while step < steps {
            step += 1
            time += pause()
            if !messages.isEmpty, Int.random(in: 0..<100, using: &random) < 62 {
                try deliver()
            } else {
                try act()
            }
        }
        try rest()
    }

    /// Mostly moments, sometimes seconds, rarely longer.
    private mutating func pause() -> Int64 {
        switch Int.random(in: 0..<1_000, using: &random) {
        case 0..<900: Int64.random(in: 0..<20_000_000, using: &random)
        case 900..<990: Int64.random(in: 0..<2_000_000_000, using: &random)
        default: Int64.random(in: 0..<90_000_000_000, using: &random)
        }
    }

    private mutating func act() throws(SimulationFailure) {
        actions += 1
        let number = actions
        let kind = Int.random(in: 0..<1_000, using: &random)
        if skipped.contains(number) { return }
        var source = SeededRandom(seed: seed ^ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        try act(kind, number, &source)
    }

    /// The journals that are on disks, each with the life that wrote it.
    package var journals: [(holder: Holder, entries: [JournalEntry])] {
        nodes.flatMap { node in
            node.disk.sorted { $0.key < $1.key }
                .map { (Holder(name: node.name, incarnation: $0), $1.entries) }
        }
    }

    /// How many actions there were.
    package var actionCount: Int { actions }

    var now: Timestamp { Timestamp(nanoseconds: time) }

    var ledgerNow: Timestamp { Timestamp(nanoseconds: time + ledgerOffset) }

    func wall(_ node: Int) -> Timestamp { Timestamp(nanoseconds: time + nodes[node].offset) }

    func fail(_ message: String) -> SimulationFailure {
        SimulationFailure(message: message, step: step)
    }

    mutating func note(_ what: String) {
        let milliseconds = (time - Self.start.nanoseconds) / 1_000_000
        history.append("\(step) +\(milliseconds) ms: \(what)")
    }

    // MARK: The network

    mutating func send(_ message: Message) {
        if Int.random(in: 0..<100, using: &random) < plan.lossPercent {
            if recordsHistory { note("lost: \(message.brief)") }
            return
        }
        messages.append(message)
    }

    private mutating func deliver() throws(SimulationFailure) {
        let place = Int.random(in: 0..<messages.count, using: &random)
        let message = messages[place]
        if Int.random(in: 0..<100, using: &random) >= plan.doublePercent {
            messages.swapAt(place, messages.count - 1)
            messages.removeLast()
        }
        try deliver(message)
    }

    mutating func deliver(_ message: Message) throws(SimulationFailure) {
        switch message {
        case .toLedger: try ask([message] + batch())
        case .toNode(_, let node, _, _), .request(_, let node), .recall(_, let node),
            .grown(_, _, let node):
            if nodes[node].state == .paused {
                nodes[node].inbox.append(message)
            } else {
                try receive(message)
            }
        case .answer(let answer, let operation): hear(answer, operation)
        }
    }

    /// What else the ledger does in the same transaction: sometimes some of what is on its way.
    private mutating func batch() -> [Message] {
        // Other ledgers are asked one by one.
        if recordsCommands || Int.random(in: 0..<3, using: &random) != 0 { return [] }
        var taken: [Message] = []
        var left: [Message] = []
        for message in messages {
            if case .toLedger = message, taken.count < 3 {
                taken.append(message)
            } else {
                left.append(message)
            }
        }
        messages = left
        return taken
    }

    private mutating func ask(_ questions: [Message]) throws(SimulationFailure) {
        if time < ledgerReturnsAt { return }
        var commands: [LedgerCommand] = []
        for case .toLedger(let command, _, _, _) in questions { commands.append(command) }
        let answers = try commit(commands)
        for (question, answer) in zip(questions, answers) {
            guard case .toLedger(_, let node, let call, let incarnation) = question else {
                continue
            }
            send(.toNode(answer, node: node, call: call, incarnation: incarnation))
        }
    }
}
