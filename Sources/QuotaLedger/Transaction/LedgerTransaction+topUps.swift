import QuotaEngine
import QuotaModel

// Units on top of a limit.
extension LedgerTransaction {
    mutating func run(_ topUp: TopUpCommand) throws(LedgerError) -> TopUpAnswer {
        let isLook = topUp.change == .look
        if !isLook { try rollOver(topUp.limit.accountKey(of: topUp.tenant)) }
        let wanted = AccountSpecification(topUp.limit, tenant: topUp.tenant)
        let located = try locate(wanted, calendar: topUp.calendar)
        var record = located.record
        if record.account.isUnlimited { return .unlimited }
        var terms = record.terms ?? AccountTerms()
        switch topUp.change {
        case .look: return .done(record, isNew: false)
        case .grant(let granted):
            if let known = terms.topUps.first(where: { $0.id == granted.id }) {
                let isSame =
                    known.granted == granted.granted && known.priority == granted.priority
                    && known.expiresAt == granted.expiresAt
                return isSame ? .done(record, isNew: false) : .idReused
            }
            if let earlier = try earlierGrant(granted, topUp) {
                return earlier.fingerprint == topUp.fingerprint(of: granted)
                    ? .spent(record, grantedAt: earlier.createdAt) : .idReused
            }
            if terms.topUps.count >= TopUp.maximumPerLimit { return .tooMany }
            terms.topUps.append(granted)
            // A sum beyond the range would be cut off, and units lost.
            guard terms.extra <= Amount.unlimitedCapacity / 2 else { return .outOfRange }
        case .revoke(let id):
            guard let index = terms.topUps.firstIndex(where: { $0.id == id && !$0.hasLapsed })
            else { return .notFound }
            terms.revoke(at: index, used: record.account.used, allowance: record.account.allowance)
        }
        guard (try? record.setTerms(terms)) != nil else { return .outOfRange }
        accounts.stage(record, before: located.before)
        if case .grant(let granted) = topUp.change, topUp.memoryNanoseconds > 0 {
            let id = granted.claim(of: topUp.tenant)
            changes.answers[id] = IdempotencyRecord(
                id: id, fingerprint: topUp.fingerprint(of: granted),
                answer: StoredAnswer(status: 201, headers: [:], body: []), createdAt: now)
        }
        return .done(record, isNew: true)
    }

    /// What was granted under the id lately: periods forget a top-up that is used up.
    private func earlierGrant(
        _ granted: TopUp,
        _ topUp: TopUpCommand
    ) throws(LedgerError) -> IdempotencyRecord? {
        let id = granted.claim(of: topUp.tenant)
        var found = changes.answers[id]
        if found == nil { found = try reader.answer(id) }
        return found.flatMap {
            now.nanoseconds(since: $0.createdAt) < topUp.memoryNanoseconds ? $0 : nil
        }
    }
}

extension TopUp {
    /// Under what the grant is remembered; no caller's key has a control character.
    fileprivate func claim(of tenant: TenantID) -> IdempotencyID {
        IdempotencyID(tenant: tenant, key: ExactString("\u{1}" + id.text))
    }
}

extension TopUpCommand {
    /// What a repeat of a grant has to have in common with it.
    fileprivate func fingerprint(of granted: TopUp) -> [UInt8] {
        let end = granted.expiresAt.map { "\($0.nanoseconds)" } ?? "-"
        return Array("\(limit.name) \(granted.granted) \(granted.priority) \(end)".utf8)
    }
}
