import PrometheusExposition
import QuotaModel
import QuotaNode
import Testing

@testable import Gateway

/// Limits in shadow mode at the front door: they are counted, and nobody is turned away.
@Suite("limits in shadow mode at the gateway", .timeLimit(.minutes(10)))
struct ShadowTests {
    private let chat = #"{"model":"small","messages":[{"role":"user","content":"hello"}]}"#

    @Test("row F: a chat that a shadow limit would have refused is answered, and counted")
    func counted() async throws {
        let limits = [
            Limit(meter: Meter.aiTokens.id, window: .month, quantity: 1, mode: .shadow),
            Limit(meter: Meter.apiCalls.id, window: .minute, quantity: 1, mode: .shadow),
        ]
        try await TestGateway.with(limits: limits) { server in
            for _ in 0..<3 { #expect(try await server.send(chat: chat).status == 200) }
            try await server.settle()
            let rows = server.node.shadowRefusals.rows
            #expect(rows.allSatisfy { $0.tenant == TestGateway.tenant })
            let counts = Dictionary(uniqueKeysWithValues: rows.map { ($0.limit, $0.requests) })
            #expect(counts["tenant:api_calls/minute"] == 2)
            #expect((counts["tenant:ai_tokens/month"] ?? 0) >= 3, "extensions count, too")
            #expect(try await server.used(Meter.aiTokens.id).used > 1)
        }
    }
}
