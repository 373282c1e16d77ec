import NIOHTTP1
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

extension TestGateway {
    /// Limits that nothing in a test reaches, but which count all there is.
    static let wide: [Limit] = [.month(.apiCalls, 1_000_000), .month(.aiTokens, 1_000_000_000)]

    /// Starts a gateway before backends that follow a script, and stops all of it.
    static func with<Answer>(
        scripted backends: [ScriptedBackend],
        limits: [Limit] = wide,
        price: ModelPrice? = nil,
        configure: Configure = { _ in },
        _ body: (TestGateway) async throws -> Answer
    ) async throws -> Answer {
        let pricing = price.map { ModelPricing.priced($0) } ?? .free
        let places = try backends.map { try $0.configuration(pricing) }
        let result: Result<Answer, any Error>
        do {
            result = .success(
                try await with(
                    limits: limits, backends: [], price: price,
                    configure: {
                        $0.models[0].backends = places
                        configure(&$0)
                    }, body))
        } catch {
            result = .failure(error)
        }
        for backend in backends { try await backend.stop() }
        return try result.get()
    }

    // MARK: What is known of a request

    /// The story of the request that got an answer.
    func story(_ answer: TestAnswer) throws -> ExplainedRequest {
        let id = try #require(answer.headers.first(name: "x-weir-decision-id"), "\(answer.text)")
        return try #require(gateway.explanations.story(id)?.request, "nothing is kept of \(id)")
    }

    /// The notes of all that was booked, one for each request.
    func notes() async throws -> [JSONValue] {
        let events = try await node.events(
            EventPage(
                tenant: Self.tenant, start: .distantPast, end: .distantFuture,
                after: nil, limit: 1_000))
        return try events.filter { $0.meter == Meter.aiTokens.id }
            .map { try JSONValue(parsing: try #require($0.metadata).utf8) }
    }

    /// The note of the one thing that was booked, once it is.
    func note() async throws -> JSONValue {
        try await settle()
        let notes = try await notes()
        try #require(notes.count == 1, "\(notes)")
        return notes[0]
    }
}

extension ScriptedBackend {
    /// What a gateway is told of it.
    func configuration(_ pricing: ModelPricing = .free) throws -> BackendConfiguration {
        BackendConfiguration(
            address: try BackendAddress("http://127.0.0.1:\(port)/v1"), model: "tiny",
            pricing: pricing)
    }

    /// What a gateway is told of one that nobody runs: port 1 is given to no other test.
    static func absent() throws -> BackendConfiguration {
        BackendConfiguration(
            address: try BackendAddress("http://127.0.0.1:1/v1"), model: "tiny", pricing: .free)
    }
}
