import Foundation
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting

/// A node over either ledger, on a clock that stands still, whose process can be killed.
struct StoredNode: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case memory
        case sqlite
    }

    /// Removes the folder of a ledger with the last life on it.
    private final class Folder: Sendable {
        let path: String

        init() throws {
            let url = FileManager.default.temporaryDirectory
                .appending(path: "weir-node-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            path = url.path
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    static let tenant = TestNode.tenant
    static let tokens = Meter.aiTokens.id
    static let calls = Meter.apiCalls.id

    let clock: ManualClock
    let ledger: any Ledger
    let files: MemoryFiles
    let node: QuotaNode
    private let folder: Folder?
    private let settings: NodeSettings

    init(
        _ kind: Kind,
        limits: [Limit],
        meters: [Meter] = [],
        settings: NodeSettings = NodeSettings(),
        journal change: (inout JournalOptions) -> Void = { _ in }
    ) async throws {
        let clock = ManualClock()
        let folder = kind == .sqlite ? try Folder() : nil
        let ledger: any Ledger
        if let folder {
            ledger = try LedgerSQLite(
                folder: DataFolder(path: folder.path), clock: clock.read)
        } else {
            ledger = MemoryLedger(clock: clock.read)
        }
        try await self.init(
            on: ledger, clock: clock, files: MemoryFiles(), folder, settings, change)
        for meter in meters { _ = try await node.create(meter) }
        _ = try await node.put(Plan(id: .fallback, name: "Free", weight: 1, limits: limits))
    }

    private init(
        on ledger: any Ledger,
        clock: ManualClock,
        files: MemoryFiles,
        _ folder: Folder?,
        _ settings: NodeSettings,
        _ change: (inout JournalOptions) -> Void = { _ in }
    ) async throws {
        let random = SharedRandom(seed: 1)
        var journal = JournalOptions.inMemory(files)
        change(&journal)
        self.clock = clock
        self.ledger = ledger
        self.files = files
        self.folder = folder
        self.settings = settings
        node = try await QuotaNode(
            ledger: ledger, settings: settings, peppers: [TestNode.pepper], journal: journal,
            clock: clock.read, steadyClock: clock.read, random: { random.next() })
    }

    /// Another life, after the process of this one was killed.
    func next(
        _ change: (inout JournalOptions) -> Void = { _ in }
    ) async throws -> StoredNode {
        try await StoredNode(
            on: ledger, clock: clock, files: files, folder, settings, change)
    }

    /// Asks for units.
    func decide(
        _ amounts: [MeterID: Int64],
        hold: DecisionRequest.Hold? = nil,
        metadata: String? = nil
    ) async throws -> DecisionOutcome {
        let answer = try await node.decide(request(amounts, hold: hold, metadata: metadata))
        guard case .decided(let outcome, _) = answer else { throw TestNode.UnexpectedReplay() }
        return outcome
    }

    func request(
        _ amounts: [MeterID: Int64],
        hold: DecisionRequest.Hold? = nil,
        metadata: String? = nil
    ) -> DecisionRequest {
        DecisionRequest(
            tenant: Self.tenant,
            charges: amounts.sorted { $0.key < $1.key }.map(Charge.init), metadata: metadata,
            hold: hold)
    }

    /// Holds units that must be there.
    func hold(
        _ amounts: [MeterID: Int64],
        onExpiry: Reservation.OnExpiry = .void,
        metadata: String? = nil
    ) async throws -> Reservation {
        let hold = DecisionRequest.Hold(ttlMilliseconds: 60_000, onExpiry: onExpiry)
        guard
            let reservation = try await decide(amounts, hold: hold, metadata: metadata)
                .reservation
        else { throw TestNode.UnexpectedReplay() }
        return reservation
    }

    /// All events, the oldest first.
    func events() async throws -> [UsageEvent] {
        try await node.fold()
        return try await ledger.events(of: Self.tenant, after: nil, limit: 1_000)
    }

    /// A limit as a look at the tenant's usage shows it.
    func limit(_ id: String) async throws -> LimitStatus? {
        try await node.usage(of: Self.tenant, key: nil).limits.first { $0.id == id }
    }
}

extension Charge {
    fileprivate init(_ amount: (key: MeterID, value: Int64)) {
        self.init(meter: amount.key, amount: amount.value)
    }
}
