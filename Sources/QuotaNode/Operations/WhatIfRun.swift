import QuotaCalendar
public import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// A what-if under way, some tenants at a time; who stops asking has stopped it.
public struct WhatIfRun: Sendable {
    /// How many tenants are read from the ledger at once.
    private static let pageSize = 500
    /// How many tenants are judged at once.
    private static let judgedAtOnce = 50

    private let node: QuotaNode
    private let question: WhatIfQuestion
    /// Kept as long as the run goes on.
    private let place: WhatIfSlot.Place
    /// The tenants that follow, as far as they are read.
    private var tenants: ArraySlice<Tenant>
    /// The last tenant that was read; nil before the first.
    private var last: TenantID?
    private var isLastPage: Bool
    /// What was found so far.
    public private(set) var report: WhatIfReport

    init(
        _ question: WhatIfQuestion,
        of tenant: Tenant?,
        _ report: WhatIfReport,
        _ place: WhatIfSlot.Place,
        on node: QuotaNode
    ) {
        self.question = question
        self.report = report
        self.place = place
        self.node = node
        tenants = tenant.map { [$0] } ?? []
        isLastPage = tenant != nil
    }

    /// Judges some more tenants.
    ///
    /// - Returns: whether there may be more.
    /// - Throws: why the ledger can't be read.
    public mutating func next() async throws(NodeError) -> Bool {
        if tenants.isEmpty {
            if isLastPage { return false }
            try await readTenants()
            if tenants.isEmpty { return !isLastPage }
        }
        let part = tenants.prefix(Self.judgedAtOnce)
        tenants = tenants.dropFirst(part.count)
        let judges = part.map { tenant in
            WhatIfTenant(
                report.plan, tenant: tenant.id, calendar: TenantCalendar(tenant),
                since: report.since, until: report.until)
        }
        let node = node
        let found = try await node.asking { () async throws(LedgerError) in
            try await node.ledger.judge(judges)
        }
        for (tenant, refusals) in zip(part, found) {
            report.add(refusals, isInOrganization: tenant.organization != nil)
        }
        return true
    }

    private mutating func readTenants() async throws(NodeError) {
        let page = try await node.tenants(after: last, limit: Self.pageSize)
        last = page.last?.id ?? last
        isLastPage = page.count < Self.pageSize
        guard case .onPlan(let plan) = question.tenants else { return }
        tenants = page.filter { node.directory.holds(plan.canonical, for: $0, now: node.now) }[...]
    }
}

/// Room for one what-if at a time: it keeps a core busy.
final class WhatIfSlot: Sendable {
    private let isTaken = Mutex(false)

    /// A place that is free again when nobody holds it.
    final class Place: Sendable {
        private let slot: WhatIfSlot

        fileprivate init(_ slot: WhatIfSlot) {
            self.slot = slot
        }

        deinit {
            slot.isTaken.withLock { $0 = false }
        }
    }

    /// The place; nil while somebody has it.
    func take() -> Place? {
        let isFree = isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
        return isFree ? Place(self) : nil
    }
}
