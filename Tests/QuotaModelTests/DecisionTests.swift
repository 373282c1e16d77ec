import QuotaModel
import Testing

@Suite("What a decision says of a limit")
struct DecisionTests {
    private func status(limit: Int64?, used: Int64, soft: Int64?) -> LimitStatus {
        LimitStatus(
            id: "tenant:ai_tokens/month", meter: Meter.aiTokens.id, scope: .tenant,
            window: .month, limit: limit, used: used, held: 0, suspect: 0, remaining: nil,
            available: nil, resetAt: nil, softLimit: soft, warns: true, source: .plan,
            mode: .enforce)
    }

    @Test("approaching from the soft limit on, exceeded from the limit on, never both")
    func thresholds() {
        let rows: [(used: Int64, approaching: Bool, exceeded: Bool)] = [
            (0, false, false), (79, false, false), (80, true, false), (99, true, false),
            (100, false, true), (101, false, true),
        ]
        for row in rows {
            let status = status(limit: 100, used: row.used, soft: 80)
            #expect(status.isApproaching == row.approaching, "\(row)")
            #expect(status.isExceeded == row.exceeded, "\(row)")
            #expect(!status.isUnlimited)
        }
        let unlimited = status(limit: nil, used: .max, soft: nil)
        #expect(unlimited.isUnlimited && !unlimited.isExceeded && !unlimited.isApproaching)
        #expect(status(limit: 0, used: 0, soft: 0).isExceeded, "nothing of nothing is all")
    }

    @Test("an active key past its end is expired; others stay what they are")
    func keyStatus() {
        let end = Timestamp(seconds: 100)
        func key(_ status: APIKey.Status, _ expiresAt: Timestamp?) -> APIKey {
            APIKey(
                id: .service, tenant: TenantID(trusted: "a"), name: "n", status: status,
                createdAt: Timestamp(seconds: 0), expiresAt: expiresAt)
        }
        #expect(key(.active, end).status(at: end.adding(nanoseconds: -1)) == .active)
        #expect(key(.active, end).status(at: end) == .expired)
        #expect(key(.active, nil).status(at: .distantFuture) == .active)
        for status in [APIKey.Status.suspended, .revoked, .expired] {
            #expect(key(status, end).status(at: .distantFuture) == status)
        }
    }
}
