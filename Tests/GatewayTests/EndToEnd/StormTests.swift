import Foundation
import MockBackend
import NIOHTTP1
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

@testable import Gateway

/// Requests of many callers, some of whom leave, before backends that sometimes fail: each bill is
/// held to the books of the backends.
///
/// `WEIR_GATEWAY_REQUESTS=100000` makes it longer.
@Suite("a storm of requests")
struct StormTests {
    private static let limits: [Limit] = [
        .month(.apiCalls, 1_000_000), .month(.aiTokens, 1_000_000_000),
    ]
    private static let workers = 16
    private static let seed: UInt64 = 20_261_122

    private static var count: Int {
        ProcessInfo.processInfo.environment["WEIR_GATEWAY_REQUESTS"].flatMap { Int($0) } ?? 2_000
    }

    /// What a caller saw of a request.
    fileprivate struct Sight: Sendable {
        var pieces = 0
        var isWhole = false
    }

    @Test("completed requests cost the backend's tokens, cut ones what came, and nothing is held")
    func storm() async throws {
        var failing = MockSettings()
        failing.tokensPerSecond = 20_000
        failing.tickMilliseconds = 1
        failing.outputTokensSpread = 50
        failing.faults.fail = 3
        failing.faults.cut = 1
        failing.faults.errorInStream = 1
        try await TestGateway.with(limits: Self.limits, backends: [failing, failing]) { server in
            let sights = try await ask(server)
            try await server.settle()
            while server.backends.contains(where: { $0.statistics.running > 0 }) {
                await Task.yield()
            }
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens.held == 0)
            let calls = try await server.used(Meter.apiCalls.id)
            #expect(calls.held == 0)
            try await check(sights, server, booked: tokens.used)
        }
    }

    /// Sends all requests; a tenth of the callers leave, half of the others don't want streams.
    private func ask(_ server: TestGateway) async throws -> [Sight] {
        try await withThrowingTaskGroup(of: [(Int, Sight)].self) { group in
            for worker in 0..<Self.workers {
                group.addTask {
                    var random = SeededRandom(seed: Self.seed &+ UInt64(worker))
                    var seen: [(Int, Sight)] = []
                    for number in stride(from: worker, to: Self.count, by: Self.workers) {
                        seen.append((number, try await ask(server, number, &random)))
                    }
                    return seen
                }
            }
            var sights = [Sight](repeating: Sight(), count: Self.count)
            for try await seen in group {
                for (number, sight) in seen { sights[number] = sight }
            }
            return sights
        }
    }

    private func ask(
        _ server: TestGateway,
        _ number: Int,
        _ random: inout SeededRandom
    ) async throws -> Sight {
        let prompt = String(repeating: "weir ", count: 1 + Int(random.next(upperBound: UInt64(40))))
        let isLeaving = random.next(upperBound: UInt64(10)) == 0
        let isStream = isLeaving || random.next(upperBound: UInt64(2)) == 0
        let body =
            #"{"model":"small","messages":[{"role":"user","content":"\#(prompt)"}],"#
            + #""stream":\#(isStream)}"#
        if isLeaving {
            let pieces = try await LeavingClient.chat(
                body, to: server.port, key: server.key, id: "s-\(number)",
                leavingAfter: Int(random.next(upperBound: UInt64(30))))
            return Sight(pieces: pieces)
        }
        let answer = try await server.send(
            "/v1/chat/completions", body, headers: ["x-request-id": "s-\(number)"])
        return Sight(
            pieces: answer.text.components(of: #""content":" "#),
            isWhole: answer.status == 200
                && (isStream ? answer.text.contains("[DONE]") : true))
    }

    private func check(_ sights: [Sight], _ server: TestGateway, booked: Int64) async throws {
        var bills: [String: [Bill]] = [:]
        var total: Int64 = 0
        var after: EventPage.Place?
        repeat {
            let events = try await server.node.events(
                EventPage(
                    tenant: TestGateway.tenant, start: .distantPast, end: .distantFuture,
                    after: after, limit: 1_000))
            for event in events where event.meter == Meter.aiTokens.id {
                let bill = try #require(Bill(event))
                bills[bill.request, default: []].append(bill)
                total += event.units
            }
            after = events.last.map {
                EventPage.Place(admittedAt: $0.admittedAt, id: $0.id, meter: $0.meter)
            }
        } while after != nil
        #expect(total == booked)
        let books = server.backends.map(\.statistics.records)
        var (whole, cut) = (0, 0)
        for (number, sight) in sights.enumerated() {
            let id = "s-\(number)"
            let records = books.compactMap { $0[id] }
            let own = bills[id] ?? []
            if sight.isWhole {
                whole += 1
                let done = records.first { $0.outcome == .completed }
                let expected = done.map { Int64($0.promptTokens + $0.completionTokens) }
                #expect(own.count == 1, "\(id)")
                #expect(own.first?.units == expected, "\(id)")
                #expect(own.first?.isEstimated == false, "\(id)")
            } else {
                cut += 1
                let generated = records.reduce(0) { $0 + $1.completionTokens }
                let output = own.reduce(0) { $0 + $1.output }
                #expect(own.count <= 1, "\(id)")
                #expect(output <= Int64(generated), "\(id)")
                #expect(output >= Int64(sight.pieces), "\(id)")
            }
        }
        #expect(whole > Self.count / 2)
        #expect(cut > Self.count / 20)
    }
}

/// What was booked for a request.
private struct Bill {
    let request: String
    let units: Int64
    let output: Int64
    let isEstimated: Bool

    init?(_ event: UsageEvent) {
        guard let text = event.metadata, let note = try? JSONValue(parsing: text.utf8),
            let request = note["request_id"]?.stringValue,
            let output = note["output_tokens"]?.integerValue,
            let isEstimated = note["estimated"]?.boolValue
        else { return nil }
        (self.request, self.output, self.isEstimated) = (request, output, isEstimated)
        units = event.units
    }
}
