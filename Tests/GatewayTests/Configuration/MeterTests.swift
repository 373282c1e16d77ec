import NIOHTTP1
import QuotaModel
import QuotaNode
import Testing

@testable import Gateway

@Suite("the meters of the gateway")
struct MeterTests {
    /// A setting that names a meter, and what an error calls it.
    struct Setting: Sendable, CustomTestStringConvertible {
        let field: String
        let name: @Sendable (inout GatewayConfiguration, MeterID) -> Void

        var testDescription: String { field }
    }

    static let settings = [
        Setting(field: "gateway.tokens_meter") { $0.tokensMeter = $1 },
        Setting(field: "gateway.requests_meter") { $0.requestsMeter = $1 },
    ]

    @Test("a meter of allocations is refused by the name of its setting", arguments: settings)
    func allocation(_ setting: Setting) async throws {
        let meter = Meter.teamMembers
        try #require(meter.kind == .allocation)
        let settings: TestGateway.Configure = { setting.name(&$0, meter.id) }
        let error = await #expect(throws: NodeError.self) {
            let server = try await TestGateway(backends: [], configure: settings)
            try await server.stop()
        }
        guard case .invalid(let field, let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(field == setting.field)
        #expect(message.contains(meter.id.text))
    }

    @Test("a meter that is not there is made, and counts", arguments: settings)
    func missing(_ setting: Setting) async throws {
        let meter = MeterID(trusted: "llm_units")
        let settings: TestGateway.Configure = { setting.name(&$0, meter) }
        try await TestGateway.with(
            limits: [Limit(meter: meter, window: .month, quantity: nil)], configure: settings
        ) { server in
            #expect(server.node.meters[meter]?.kind == .counter)
            let answer = try await server.send(
                chat: #"{"model":"small","messages":[{"role":"user","content":"Say it."}]}"#)
            #expect(answer.status == 200, "\(answer.text)")
            try await server.settle()
            #expect(try await server.used(meter).used > 0)
        }
    }
}
