import QuotaEngine
import QuotaLedger
public import QuotaModel

/// Use that another system counted on a day.
public struct ImportedUsage: Sendable {
    /// Whose use; nil takes the key's.
    public let tenant: TenantID?
    /// The key; nil when it is not bound to one.
    public let key: APIKeyID?
    /// The model; nil when it is not known.
    public let model: ModelName?
    /// What is counted.
    public let meter: MeterID
    /// The UTC date.
    public let date: CivilDate
    /// The units.
    public let units: Int64
    /// The last request of the day.
    public let lastRequestAt: Timestamp?
    /// What counted it; the same day of two sources is booked twice.
    public let source: String

    /// Creates a row.
    public init(
        tenant: TenantID?,
        key: APIKeyID?,
        model: ModelName?,
        meter: MeterID,
        date: CivilDate,
        units: Int64,
        lastRequestAt: Timestamp?,
        source: String
    ) {
        self.tenant = tenant
        self.key = key
        self.model = model
        self.meter = meter
        self.date = date
        self.units = units
        self.lastRequestAt = lastRequestAt
        self.source = source
    }
}

/// What a tenant holds of an allocation in another system.
public struct ImportedAllocation: Sendable {
    /// Who holds it.
    public let tenant: TenantID
    /// The allocation.
    public let meter: MeterID
    /// The units.
    public let units: Int64

    /// Creates a row.
    public init(tenant: TenantID, meter: MeterID, units: Int64) {
        self.tenant = tenant
        self.meter = meter
        self.units = units
    }
}

// What tenants used and hold in another system.
extension QuotaNode {
    /// Books use that another system counted, each row once, in one transaction.
    ///
    /// A row that was booked before with other units fails: what is booked stays.
    public func importUsage(
        _ items: [(index: Int, usage: ImportedUsage)],
        note: AuditDraft?
    ) async throws(NodeError) -> ImportResult {
        var result = ImportResult()
        try await createTenants(of: items.map(\.usage))
        var known = KnownEntries()
        var commands: [(index: Int, command: ImportUsageCommand)] = []
        for (index, usage) in items {
            guard let meter = directory.meter(usage.meter), meter.kind == .counter else {
                result.fail(index, "there is no counter \"\(usage.meter.text)\"")
                continue
            }
            do throws(NodeError) {
                commands.append((index, try await command(usage, meter, &known)))
            } catch {
                guard let detail = error.importDetail else { throw error }
                result.fail(index, detail)
            }
        }
        let tenants = Set(commands.map(\.command.tenant))
        try await leases.recall(tenants)
        let answers = try await commit(commands.map { .importUsage($0.command) })
        try await leases.recall(tenants)
        for (item, answer) in zip(commands, answers) {
            switch answer {
            case .imported(earlier: nil): result.created += 1
            case .imported(earlier: item.command.units): result.skipped += 1
            case .imported(earlier: let units?):
                result.fail(
                    item.index,
                    "\(units) units are booked for it already, and this says "
                        + "\(item.command.units): book the difference with an adjustment, or "
                        + "this under another source")
            default: result.fail(item.index, "a counter would leave the range of 64 bits")
            }
        }
        try await self.note(result, note)
        return result
    }

    /// Tenants that are first seen in an import are created like those first seen in a decision.
    private func createTenants(of usages: [ImportedUsage]) async throws(NodeError) {
        guard settings.createsTenants else { return }
        var seen: Set<TenantID> = []
        let new = usages.filter { $0.key == nil || $0.key == .service }.compactMap(\.tenant)
            .filter { directory.cached(TenantEntry.ID(tenant: $0, key: nil), now: now) == nil }
            .filter { seen.insert($0).inserted }
        _ = try await commit(new.map { .createTenant(Tenant(id: $0, createdAt: now)) })
    }

    private func command(
        _ usage: ImportedUsage,
        _ meter: Meter,
        _ known: inout KnownEntries
    ) async throws(NodeError) -> ImportUsageCommand {
        var tenant = usage.tenant
        if tenant == nil, let key = usage.key {
            tenant = known.owners[key]
            if tenant == nil { tenant = try await self.key(key).tenant }
            known.owners[key] = tenant
        }
        guard let tenant else { throw .keyNotFound(usage.key ?? .service) }
        let key = usage.key == .service ? nil : usage.key
        let entry = try await entry(TenantEntry.ID(tenant: tenant, key: key), &known)
        var id = "a.import.\(usage.source).\(usage.date).\(key?.text ?? APIKeyID.service.text)"
        // No id of a key has a tab.
        if let model = usage.model { id += "\t" + model.text }
        return ImportUsageCommand(
            tenant: tenant, key: key ?? .service, model: usage.model, meter: meter,
            date: usage.date, units: usage.units, lastRequestAt: usage.lastRequestAt,
            demands: entry.allBudgets(of: meter.id, model: usage.model),
            calendar: entry.calendar, organizationCalendar: entry.organizationCalendar, id: id)
    }

    private func entry(
        _ id: TenantEntry.ID,
        _ known: inout KnownEntries
    ) async throws(NodeError) -> TenantEntry {
        if let entry = known.entries[id] { return entry }
        let found = try await asking { () async throws(LedgerError) in
            try await directory.entry(id, now: now)
        }
        guard let entry = found else { throw .tenantNotFound(id.tenant) }
        if let key = id.key, entry.key == nil { throw .keyNotFound(key) }
        known.entries[id] = entry
        return entry
    }

    /// Sets what tenants hold of allocations, in one transaction, whether or not their limits have
    /// room; where something is held already it stays, unless it is to be replaced.
    public func importAllocations(
        _ items: [(index: Int, allocation: ImportedAllocation)],
        onConflict: ImportConflict,
        note: AuditDraft?
    ) async throws(NodeError) -> ImportResult {
        var result = ImportResult()
        var known = KnownEntries()
        var commands: [(index: Int, units: Int64, command: LedgerCommand)] = []
        for (index, item) in items {
            guard directory.meter(item.meter)?.kind == .allocation else {
                result.fail(index, "there is no allocation \"\(item.meter.text)\"")
                continue
            }
            do throws(NodeError) {
                let entry = try await entry(
                    TenantEntry.ID(tenant: item.tenant, key: nil), &known)
                let command = command(item, entry, onConflict)
                commands.append((index, item.units, .allocate(command)))
            } catch {
                guard let detail = error.importDetail else { throw error }
                result.fail(index, detail)
            }
        }
        let answers = try await commit(commands.map(\.command))
        for (item, answer) in zip(commands, answers) {
            switch answer {
            case .allocated(.decided(_, delta: 0, stored: _)): result.skipped += 1
            case .allocated(.decided(_, delta: item.units, stored: _)): result.created += 1
            case .allocated(.decided): result.updated += 1
            default: result.fail(item.index, "a balance would leave the range of 64 bits")
            }
        }
        try await self.note(result, note)
        return result
    }

    private func command(
        _ item: ImportedAllocation,
        _ entry: TenantEntry,
        _ onConflict: ImportConflict
    ) -> AllocateCommand {
        let limits = entry.entitlements.allocations(of: item.meter)
        let request = AdmitCommand(
            tenant: item.tenant, key: .service, model: nil, charges: [],
            demands: limits.map { Demand(limit: $0, amount: 0) }, calendar: entry.calendar,
            isEnforced: false, decisionID: identity.decisionID(at: now),
            organizationCalendar: entry.organizationCalendar)
        return AllocateCommand(
            request: request, meter: item.meter,
            change: onConflict == .skip ? .start(item.units) : .set(item.units))
    }
}

/// What an import has looked up: a table has many rows of one key.
private struct KnownEntries {
    var owners: [APIKeyID: TenantID] = [:]
    var entries: [TenantEntry.ID: TenantEntry] = [:]
}
