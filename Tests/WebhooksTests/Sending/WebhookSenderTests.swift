import NIOHTTP1
import QuotaModel
import Testing

@testable import Webhooks

@Suite("Sending a message", .timeLimit(.minutes(10)))
struct WebhookSenderTests {
    /// An attempt that must end by its deadline, and soon.
    private var hasty: WebhookSender.Settings {
        var settings = WebhookSender.Settings()
        // Long enough for a busy machine to connect.
        settings.deadline = .seconds(20)
        return settings
    }

    @Test("a message is posted with its signature, byte by byte")
    func delivers() async throws {
        try await ScriptedReceiver.run(.answer(200, body: "thanks"), .answer(204)) { receiver in
            try await TestSender.run { test in
                let url = "http://127.0.0.1:\(receiver.port)/Hooks/%2Fx?a=b%20c&d"
                let body = "{\"text\":\"\u{1f30a} \\n\"}"
                #expect(await test.send(url, body: body) == .delivered(status: 200))
                #expect(await test.send(url, body: body) == .delivered(status: 204))
                let message = try #require(receiver.messages.first)
                #expect(message.head.method == .POST)
                #expect(message.head.uri == "/Hooks/%2Fx?a=b%20c&d")
                #expect(message["host"] == ["127.0.0.1:\(receiver.port)"])
                #expect(message["content-type"] == ["application/json"])
                #expect(message["user-agent"] == ["weir/1.0"])
                #expect(message["content-length"] == ["\(body.utf8.count)"])
                #expect(message["webhook-id"] == ["msg_1"])
                #expect(message["webhook-timestamp"] == ["1800000000"])
                #expect(message.body == Array(body.utf8))
                try WebhookSignature.verify(
                    header: try #require(message["webhook-signature"].first), id: "msg_1",
                    timestamp: "1800000000", body: message.body, secrets: TestSender.secrets,
                    now: test.clock.now.seconds)
                let known: Set = [
                    "host", "content-type", "user-agent", "content-length", "webhook-id",
                    "webhook-timestamp", "webhook-signature",
                ]
                #expect(Set(message.head.headers.map { $0.name.lowercased() }) == known)
            }
        }
    }

    @Test("a later attempt has the same id and body, and the time and signature of its own")
    func repeats() async throws {
        try await ScriptedReceiver.run(.answer(500), .answer(200)) { receiver in
            try await TestSender.run { test in
                let url = "http://127.0.0.1:\(receiver.port)/"
                #expect(await test.send(url).failure?.status == 500)
                test.clock.advance(seconds: 5)
                #expect(await test.send(url) == .delivered(status: 200))
                let messages = receiver.messages
                #expect(messages.map { $0["webhook-id"] } == [["msg_1"], ["msg_1"]])
                #expect(
                    messages.map { $0["webhook-timestamp"] } == [["1800000000"], ["1800000005"]])
                #expect(Set(messages.map { $0["webhook-signature"] }).count == 2)
                // And the same connection.
                #expect(receiver.connections == 1)
            }
        }
    }

    @Test("a redirect is a failure and is not followed", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        try await ScriptedReceiver.run(.answer(200)) { elsewhere in
            let location = ("location", "http://127.0.0.1:\(elsewhere.port)/")
            try await ScriptedReceiver.run(.answer(status, headers: [location])) { receiver in
                try await TestSender.run { test in
                    let result = await test.send("http://127.0.0.1:\(receiver.port)/")
                    #expect(result.failure?.status == status)
                    #expect(result.failure?.reason.contains("redirect") == true)
                    #expect(receiver.messages.count == 1)
                    #expect(elsewhere.connections == 0)
                }
            }
        }
    }

    @Test("410 says that the endpoint is gone")
    func gone() async throws {
        try await ScriptedReceiver.run(.answer(410)) { receiver in
            try await TestSender.run { test in
                #expect(await test.send("http://127.0.0.1:\(receiver.port)/") == .gone)
            }
        }
    }

    @Test("a busy receiver says when to come again, in seconds or by a date")
    func retryAfter() async throws {
        try await ScriptedReceiver.run(
            .answer(429, headers: [("retry-after", "120")], body: "secret words"),
            .answer(503, headers: [("retry-after", "Fri, 15 Jan 2027 08:01:00 GMT")]), .answer(503)
        ) { receiver in
            try await TestSender.run { test in
                let url = "http://127.0.0.1:\(receiver.port)/"
                let first = await test.send(url)
                let expected = DeliveryFailure(
                    "the answer was 429", status: 429, retryAfterSeconds: 120)
                #expect(first == .failed(expected))
                // 1,800,000,000 is Fri, 15 Jan 2027 08:00:00 GMT.
                #expect(await test.send(url).failure?.retryAfterSeconds == 60)
                let third = await test.send(url)
                #expect(third == .failed(DeliveryFailure("the answer was 503", status: 503)))
            }
        }
    }

    @Test("a receiver that closes at once has failed")
    func closes() async throws {
        try await ScriptedReceiver.run(.close) { receiver in
            try await TestSender.run { test in
                let failure = await test.send("http://127.0.0.1:\(receiver.port)/").failure
                #expect(failure?.status == nil)
                #expect(
                    failure?.reason.contains("connection") == true, "\(String(describing: failure))"
                )
            }
        }
    }

    @Test("a receiver that is not there has failed")
    func absent() async throws {
        try await TestSender.run { test in
            let failure = await test.send("http://127.0.0.1:1/").failure
            #expect(
                failure?.reason.contains("no connection") == true, "\(String(describing: failure))")
        }
    }

    @Test("a receiver that never answers is given up at the deadline, and its connection closed")
    func silence() async throws {
        try await ScriptedReceiver.run(.silence) { receiver in
            try await TestSender.run(settings: hasty) { test in
                let failure = await test.send("http://127.0.0.1:\(receiver.port)/").failure
                #expect(failure?.reason == "there was no answer within 20.0 seconds")
                // On a busy machine the deadline may come before the connection.
                #expect(receiver.messages.count <= 1)
                try await receiver.waitUntilAllAreClosed()
            }
        }
    }

    @Test("an answer without end is cut off after 64 KiB: its status counts")
    func endless() async throws {
        try await ScriptedReceiver.run(.endless(200), .endless(500)) { receiver in
            try await TestSender.run { test in
                let url = "http://127.0.0.1:\(receiver.port)/"
                #expect(await test.send(url) == .delivered(status: 200))
                #expect(await test.send(url).failure?.status == 500)
                try await receiver.waitUntilAllAreClosed()
                // What else was written lay in the buffers of the sockets.
                #expect(receiver.written < 64 << 20)
            }
        }
    }

    @Test("an answer that stops half way holds the attempt until the deadline, no longer")
    func stalled() async throws {
        try await ScriptedReceiver.run(.stalled(200)) { receiver in
            try await TestSender.run(settings: hasty) { test in
                let result = await test.send("http://127.0.0.1:\(receiver.port)/")
                // On a busy machine the deadline may come before the connection.
                if receiver.messages.isEmpty {
                    #expect(result.failure?.reason == "there was no answer within 20.0 seconds")
                } else {
                    #expect(result == .delivered(status: 200))
                }
                try await receiver.waitUntilAllAreClosed()
            }
        }
    }

    @Test("endpoints that share a host don't wait for a slow one among them")
    func sharedHost() async throws {
        // As many as are made to one endpoint at a time.
        let slow = [ReceiverReply](repeating: .silence, count: 8)
        try await ScriptedReceiver.run(slow + [.answer(204)]) { receiver in
            try await TestSender.run(settings: hasty) { test in
                let tasks = slow.map { _ in
                    Task { await test.send("http://127.0.0.1:\(receiver.port)/slow") }
                }
                for _ in slow { await receiver.waitForMessage() }
                let fast = await test.send("http://127.0.0.1:\(receiver.port)/fast")
                #expect(fast == .delivered(status: 204))
                for task in tasks { task.cancel() }
            }
        }
    }

    @Test("a cancelled attempt ends at once, and has failed")
    func cancelled() async throws {
        try await ScriptedReceiver.run(.silence) { receiver in
            try await TestSender.run(settings: TestSender.patient) { test in
                let url = "http://127.0.0.1:\(receiver.port)/"
                let task = Task { await test.send(url) }
                await receiver.waitForMessage()
                task.cancel()
                let reason = await task.value.failure?.reason
                #expect(reason == "the attempt was given up by this server")
                try await receiver.waitUntilAllAreClosed()
            }
        }
    }

    @Test("at the end an attempt that is under way fails, and nothing is sent afterwards")
    func shutdown() async throws {
        try await ScriptedReceiver.run(.answer(200), .silence) { receiver in
            try await TestSender.run(settings: TestSender.patient) { test in
                let url = "http://127.0.0.1:\(receiver.port)/"
                #expect(await test.send(url) == .delivered(status: 200))
                await receiver.waitForMessage()
                let task = Task { await test.send(url) }
                await receiver.waitForMessage()
                await test.sender.shutdown()
                #expect(await task.value.failure?.reason == "this server is stopping")
                try await receiver.waitUntilAllAreClosed()
                #expect(await test.send(url).failure?.reason == "this server is stopping")
                #expect(receiver.messages.count == 2)
                await test.sender.shutdown()
            }
        }
    }

    @Test("of many endpoints only so many connections are kept")
    func manyEndpoints() async throws {
        var settings = TestSender.patient
        settings.maximumClients = 2
        try await ScriptedReceiver.run(.answer(200)) { receiver in
            try await TestSender.run(settings: settings) { test in
                for host in ["a", "b", "a", "c", "a", "b"] {
                    let result = await test.send("http://\(host).test:\(receiver.port)/")
                    #expect(result == .delivered(status: 200))
                }
                // a, b and c, and b once more: it had made room for c.
                #expect(receiver.messages.map(\.connection) == [1, 2, 1, 3, 1, 4])
            }
        }
    }

    @Test("the next address is tried where the first one can't be connected to")
    func nextAddress() async throws {
        let resolver = ScriptedResolver(["127.0.0.9", "127.0.0.1"])
        try await ScriptedReceiver.run(.answer(200)) { receiver in
            try await TestSender.run(resolver) { test in
                let result = await test.send("http://two.test:\(receiver.port)/")
                #expect(result == .delivered(status: 200))
            }
        }
    }
}
