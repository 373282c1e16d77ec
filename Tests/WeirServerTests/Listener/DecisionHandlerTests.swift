import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import PrometheusExposition
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing
import WeirHTTP

@testable import WeirServer

/// Requests on one connection, of which some are answered before they come to the routes.
@Suite("answers on the thread of their connection")
struct DecisionHandlerTests {
    private static let body = #"{"charges":[{"meter":"api_calls","amount":1}]}"#

    /// A connection to a node that knows the key that asks, without a socket.
    private struct Bench {
        let channel = EmbeddedChannel()
        let routes = ListenerBench.Routes()
        let key: String
        let node: QuotaNode

        init() async throws {
            let clock = ManualClock()
            let random = SharedRandom(seed: 1)
            node = try await QuotaNode(
                ledger: MemoryLedger(clock: clock.read), settings: NodeSettings(),
                peppers: [Pepper(version: 1, secret: [UInt8](repeating: 7, count: 32))],
                journal: .inMemory(), clock: clock.read, steadyClock: clock.read,
                random: { random.next() })
            let tenant = TenantID(trusted: "acme")
            _ = try await node.create(Tenant(id: tenant, createdAt: clock.read()))
            let made = try await node.create(NewKey(tenant: tenant, name: "k"))
            key = made.text
            // What was verified and decided once is decided at once from then on.
            _ = try await node.verify(key)
            _ = try await node.decide(
                DecisionRequest(
                    tenant: tenant, key: made.key.id,
                    charges: [Charge(meter: Meter.apiCalls.id, amount: 1)]))
            let api = WeirAPI(
                node: node, admin: AdminToken(text: "an-admin-token-of-a-test"),
                readiness: Readiness(),
                metrics: APIMetrics(registry: MetricRegistry(), clock: { 0 }),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                pause: { _ in })
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
            try pipeline.addHandlers([DecisionHandler(answers: api.immediateAnswers), routes])
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        /// The other end sends requests, all in one piece.
        func send(_ requests: String...) throws {
            try channel.writeInbound(ByteBuffer(string: requests.joined()))
        }

        func request(_ path: String = "/api/v1/consume", _ fields: String = "") -> String {
            "POST \(path) HTTP/1.1\r\nHost: w\r\nAuthorization: Bearer \(key)\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
        }

        /// The routes answer the oldest request that they have.
        func answer() {
            let head = HTTPResponseHead(
                version: .http1_1, status: .accepted, headers: ["Content-Length": "0"])
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }

        /// The status codes of what came back since the last call.
        func statuses() throws -> [String] {
            var text = ""
            while let data = try channel.readOutbound(as: ByteBuffer.self) {
                text += String(buffer: data)
            }
            return text.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
        }
    }

    @Test("come back without the routes, as many as were asked for")
    func atOnce() async throws {
        let bench = try await Bench()
        try bench.send(bench.request(), bench.request("/api/v1/check"), bench.request())
        #expect(try bench.statuses() == ["200", "200", "200"])
        #expect(bench.routes.targets.isEmpty)
        #expect(bench.node.statistics.admitted == 4)
    }

    @Test("stay in order: behind what the routes owe, all goes to the routes")
    func order() async throws {
        let bench = try await Bench()
        try bench.send(
            bench.request(), bench.request("/api/v1/consume", "Idempotency-Key: i\r\n"),
            bench.request(), bench.request("/api/v1/reserve"))
        #expect(try bench.statuses() == ["200"])
        #expect(
            bench.routes.targets == ["/api/v1/consume", "/api/v1/consume", "/api/v1/reserve"])
        #expect(bench.routes.ends == 3)
        for _ in 0..<3 {
            try bench.send(bench.request())
            bench.answer()
            #expect(try bench.statuses() == ["202"])
        }
        // Those that came meanwhile are owed as well.
        #expect(bench.routes.ends == 6)
        for _ in 0..<3 { bench.answer() }
        try bench.send(bench.request())
        #expect(try bench.statuses() == ["202", "202", "202", "200"])
        #expect(bench.routes.ends == 6)
    }

    @Test("a client that does not read is left to the routes, which wait for it")
    func fullChannel() async throws {
        let bench = try await Bench()
        bench.channel.isWritable = false
        try bench.send(bench.request(), bench.request())
        #expect(bench.routes.ends == 2)
        #expect(try bench.statuses().isEmpty)
        #expect(bench.node.statistics.admitted == 1)
        bench.channel.isWritable = true
        bench.answer()
        bench.answer()
        try bench.send(bench.request())
        #expect(try bench.statuses() == ["202", "202", "200"])
    }

    @Test("what is not for here goes to the routes as it came")
    func passes() async throws {
        let bench = try await Bench()
        let others = [
            "GET /api/v1/usage HTTP/1.1\r\nHost: w\r\n\r\n",
            bench.request("/api/v1/consume?x=1"), bench.request("/api/v1/consume", "Expect: x\r\n"),
            "POST /api/v1/consume HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\n{}\r\n0\r\n\r\n",
            bench.request("/api/v1/consume", "authorization: Bearer x\r\n"),
            bench.request().replacing(bench.key, with: "\(bench.key)x"),
            bench.request().replacing(#""amount":1"#, with: #""amount":0"#),
        ]
        for (number, request) in others.enumerated() {
            try bench.send(request)
            #expect(bench.routes.ends == number + 1, "\(request)")
            bench.answer()
            #expect(try bench.statuses() == ["202"])
        }
        #expect(bench.node.statistics.admitted == 1)
    }
}
