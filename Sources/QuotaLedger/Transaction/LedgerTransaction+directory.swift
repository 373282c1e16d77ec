import QuotaModel

extension LedgerTransaction {
    mutating func create(_ tenant: Tenant) throws(LedgerError) -> LedgerAnswer {
        if changes.tenants[tenant.id] != nil { return .alreadyExists }
        if try reader.tenant(tenant.id) != nil { return .alreadyExists }
        var tenant = tenant
        tenant.revision = nextRevision()
        changes.tenants[tenant.id] = tenant
        return .changed(revision: tenant.revision)
    }

    mutating func create(_ record: KeyRecord) throws(LedgerError) -> LedgerAnswer {
        if changes.keys[record.key.id] != nil { return .alreadyExists }
        if try reader.keyExists(record.key.id, publicID: record.credential.publicID) {
            return .alreadyExists
        }
        var record = record
        record.key.revision = nextRevision()
        changes.keys[record.key.id] = record
        return .changed(revision: record.key.revision)
    }

    mutating func put(_ plan: Plan) -> LedgerAnswer {
        var plan = plan
        plan.revision = nextRevision()
        changes.plans[plan.id] = plan
        return .changed(revision: plan.revision)
    }

    mutating func create(_ meter: Meter) throws(LedgerError) -> LedgerAnswer {
        if changes.meters[meter.id] != nil { return .alreadyExists }
        if try reader.meter(meter.id) != nil { return .alreadyExists }
        changes.meters[meter.id] = meter
        return .changed(revision: nextRevision())
    }

    mutating func putSetting(_ name: String, _ value: String?) -> LedgerAnswer {
        changes.settings[name] = .some(value)
        return .changed(revision: changes.head.revision)
    }

    private mutating func nextRevision() -> Int64 {
        changes.head.revision += 1
        return changes.head.revision
    }
}
