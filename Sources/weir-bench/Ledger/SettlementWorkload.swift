import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

/// Postings of use, spread over tenants without limits.
struct SettlementWorkload {
    private struct Subject {
        let tenant: Tenant
        let entitlements: Entitlements
    }

    private let subjects: [Subject]
    private let calendar = TenantCalendar(zone: .utc)

    init(tenants: Int) throws {
        guard let plan = Plan.builtIn.last else { throw LoadFailure("there is no built-in plan") }
        subjects = (0..<tenants)
            .map { number in
                let tenant = Tenant(
                    id: TenantID(trusted: "tenant-\(number)"), plan: plan.id,
                    createdAt: Timestamp(seconds: 0))
                return Subject(
                    tenant: tenant, entitlements: Entitlements(tenant: tenant, plan: plan, key: nil)
                )
            }
    }

    /// Creates the tenants.
    func prepare(_ ledger: some Ledger) async throws {
        _ = try await ledger.commit(subjects.map { .createTenant($0.tenant) })
    }

    /// One batch; numbers must not repeat for a meter, since events are posted once.
    func batch(number: Int, of meter: Meter, size: Int) -> [LedgerCommand] {
        (0..<size)
            .map { place in
                let sequence = number * size + place
                // A stride that is prime to the number of tenants visits all of them in a mixed
                // order.
                let subject = subjects[sequence * 7_919 % subjects.count]
                let charge = Charge(meter: meter.id, amount: Int64(1 + sequence % 997))
                return .admit(
                    AdmitCommand(
                        tenant: subject.tenant.id,
                        key: .service,
                        model: nil,
                        charges: [MeteredCharge(charge: charge, recording: meter.recording)],
                        demands: subject.entitlements.applicable(to: [meter.id], model: nil)
                            .map {
                                Demand(limit: $0, amount: charge.amount)
                            },
                        calendar: calendar,
                        decisionID: "d_" + padded(sequence)))
            }
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 26 - digits.count)) + digits
    }
}
