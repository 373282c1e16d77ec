package import QuotaCalendar
package import QuotaEngine
package import QuotaModel

/// What an account has beside its limit, as stores keep it: a JSON object.
package struct StoredTerms: Codable {
    private struct Policy: Codable {
        let rollover: StoredRollover
        let version: Int64

        init?(_ policy: RolloverPolicy?) {
            guard let policy else { return nil }
            rollover = StoredRollover(policy.rollover)
            version = policy.version
        }

        var policy: RolloverPolicy? {
            rollover.rollover.map { RolloverPolicy($0, version: version) }
        }
    }

    private struct Lot: Codable {
        let origin: Int64
        let units: Int64
        let age: Int
        let maxAge: Int?
        let policy: Int64
    }

    private struct Bought: Codable {
        let id: String
        let granted: Int64
        let units: Int64
        let priority: Int
        let expiresAt: Int64?
        let grantedAt: Int64
        let reason: String?
        let lapsed: Bool?
    }

    private struct Closing: Codable {
        let carried: Int64
        let expired: Int64
        let overage: Int64
    }

    private let policy: Policy?
    private let plan: String?
    private let carried: [Lot]?
    private let topUps: [Bought]?
    private let owed: Int64?
    private let lowered: Int64?
    private let closing: Closing?
    private let reset: Bool?
    private let opening: Opening?
    private let coming: [Change]?
    private let carriesLater: Bool?

    private struct Opening: Codable {
        let allowance: Int64?
        let policy: Policy?
        let plan: String?
    }

    private struct Change: Codable {
        let since: Int64
        let allowance: Int64?
        let revision: Int64
        let policy: Policy?
        let plan: String?
    }

    /// The stored form of terms.
    package init(_ terms: AccountTerms) {
        policy = Policy(terms.policy)
        plan = terms.plan?.text
        let lots = terms.carried.map {
            Lot(
                origin: $0.originIndex, units: $0.units, age: $0.age, maxAge: $0.maxAgePeriods,
                policy: $0.policyVersion)
        }
        carried = lots.isEmpty ? nil : lots
        let bought = terms.topUps.map {
            Bought(
                id: $0.id.text, granted: $0.granted, units: $0.units, priority: $0.priority,
                expiresAt: $0.expiresAt?.nanoseconds, grantedAt: $0.grantedAt.nanoseconds,
                reason: $0.reason, lapsed: $0.hasLapsed ? true : nil)
        }
        topUps = bought.isEmpty ? nil : bought
        owed = terms.owed == 0 ? nil : terms.owed
        lowered = terms.lowered == 0 ? nil : terms.lowered
        closing = terms.closing.map {
            Closing(carried: $0.carried, expired: $0.expired, overage: $0.overage)
        }
        reset = terms.isReset ? true : nil
        opening = terms.opening.map {
            Opening(
                allowance: $0.allowance, policy: Policy($0.policy), plan: $0.plan?.text)
        }
        let changes = terms.coming.map {
            Change(
                since: $0.since.nanoseconds, allowance: $0.allowance, revision: $0.limitRevision,
                policy: Policy($0.policy), plan: $0.plan?.text)
        }
        coming = changes.isEmpty ? nil : changes
        carriesLater = terms.carriesLater ? true : nil
    }

    /// The terms.
    package var terms: AccountTerms {
        AccountTerms(
            policy: policy?.policy,
            plan: plan.map(PlanID.init(trusted:)),
            carried: (carried ?? [])
                .map {
                    CarriedLot(
                        originIndex: $0.origin, units: $0.units, age: $0.age,
                        maxAgePeriods: $0.maxAge, policyVersion: $0.policy)
                },
            topUps: (topUps ?? [])
                .map {
                    TopUp(
                        id: TopUpID(trusted: $0.id), granted: $0.granted, units: $0.units,
                        priority: $0.priority,
                        expiresAt: $0.expiresAt.map(Timestamp.init(nanoseconds:)),
                        grantedAt: Timestamp(nanoseconds: $0.grantedAt), reason: $0.reason,
                        hasLapsed: $0.lapsed ?? false)
                },
            owed: owed ?? 0,
            lowered: lowered ?? 0,
            closing: closing.map {
                AccountTerms.Closing(
                    carried: $0.carried, expired: $0.expired, overage: $0.overage)
            },
            isReset: reset ?? false,
            opening: opening.map {
                AccountTerms.Opening(
                    allowance: $0.allowance, policy: $0.policy?.policy,
                    plan: $0.plan.map(PlanID.init(trusted:)))
            },
            coming: (coming ?? [])
                .map {
                    AccountTerms.Change(
                        since: Timestamp(nanoseconds: $0.since), allowance: $0.allowance,
                        limitRevision: $0.revision, policy: $0.policy?.policy,
                        plan: $0.plan.map(PlanID.init(trusted:)))
                },
            carriesLater: carriesLater ?? false)
    }
}
