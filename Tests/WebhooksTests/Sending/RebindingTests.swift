import AsyncHTTPClient
import Foundation
import NIOCore
import Testing

@testable import Webhooks

/// DNS rebinding: a name that means another address as soon as it was vetted.
@Suite("An address that changes", .timeLimit(.minutes(10)))
struct RebindingTests {
    @Test(
        "the connection goes to the address that was vetted, whatever the system says of the name")
    func pinned() async throws {
        // To the system, "localhost" is the other receiver.
        try await Self.twoReceivers { vetted, other in
            let resolver = ScriptedResolver(["127.0.0.2"], ["127.0.0.1"])
            try await TestSender.run(resolver, allowed: ["127.0.0.2"]) { test in
                let result = await test.send("http://localhost:\(vetted.port)/")
                #expect(result == .delivered(status: 200))
                #expect(vetted.messages.first?["host"] == ["localhost:\(vetted.port)"])
                #expect(other.connections == 0)
                #expect(resolver.hosts == ["localhost"], "it was asked more than once")
            }
        }
    }

    /// Runs `body` beside receivers at 127.0.0.2 and 127.0.0.1, with the same port.
    private static func twoReceivers(
        _ body: (ScriptedReceiver, ScriptedReceiver) async throws -> Void
    ) async throws {
        for remaining in (0..<20).reversed() {
            do {
                return try await ScriptedReceiver.run(.answer(200), address: "127.0.0.2") { one in
                    try await ScriptedReceiver.run(.answer(500), port: one.port) { two in
                        try await body(one, two)
                    }
                }
            } catch let error as IOError where error.errnoCode == EADDRINUSE && remaining > 0 {
                // The port was free at the first address only.
            }
        }
    }

    @Test(
        "a spelling that only the resolver understands is pinned too",
        arguments: ["0x7f.2", "2130706434"])
    func spelling(host: String) async throws {
        try await ScriptedReceiver.run(.answer(200), address: "127.0.0.2") { receiver in
            try await TestSender.run(SystemResolver()) { test in
                let result = await test.send("http://\(host):\(receiver.port)/")
                #expect(result == .delivered(status: 200))
            }
        }
    }

    @Test("an address in the URL does not win over the one that was vetted")
    func literal() async throws {
        try await ScriptedReceiver.run(.answer(200)) { receiver in
            // No resolver says so; if one did, the text of the URL must not win.
            try await TestSender.run(ScriptedResolver(["127.0.0.2"])) { test in
                #expect(await test.send("http://127.0.0.1:\(receiver.port)/").failure != nil)
                #expect(receiver.connections == 0)
            }
        }
    }

    @Test("should the client connect elsewhere all the same, nothing is sent")
    func astray() async throws {
        try await ScriptedReceiver.run(.answer(200)) { receiver in
            let pinned = PinnedAddress(
                scheme: .http, host: "hooks.test", port: receiver.port,
                address: IPAddress(v4: 0x7f00_0002))
            let client = pinned.client(trusting: [])
            // A host that the client does not take for the pinned one.
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(receiver.port)/")
            await #expect(throws: PinnedAddress.Fault.astray) {
                try await client.execute(request, timeout: .seconds(30))
            }
            try await client.shutdown()
            try await receiver.waitUntilAllAreClosed()
            #expect(receiver.messages.isEmpty)
        }
    }

    @Test("a minute later the name is vetted anew, and no open connection makes up for it")
    func vettedAgain() async throws {
        let resolver = ScriptedResolver(["127.0.0.1"], ["127.0.0.1"], ["10.0.0.3"])
        try await ScriptedReceiver.run(.answer(200)) { receiver in
            try await TestSender.run(resolver) { test in
                let url = "http://hooks.test:\(receiver.port)/"
                #expect(await test.send(url) == .delivered(status: 200))
                test.clock.advance(seconds: 59)
                #expect(await test.send(url) == .delivered(status: 200))
                #expect(resolver.hosts.count == 1)
                test.clock.advance(seconds: 1)
                #expect(await test.send(url) == .delivered(status: 200))
                #expect(resolver.hosts.count == 2)
                #expect(receiver.connections == 1)
                test.clock.advance(seconds: 60)
                let failure = await test.send(url).failure
                #expect(failure?.reason.contains("10.0.0.3, a private address") == true)
                #expect(receiver.messages.count == 3)
            }
        }
    }

    @Test("what is not allowed is not connected to", arguments: ["http", "https"])
    func denied(scheme: String) async throws {
        try await ScriptedReceiver.run(.answer(200)) { receiver in
            try await TestSender.run(SystemResolver(), allowed: []) { test in
                let failure = await test.send("\(scheme)://localhost:\(receiver.port)/").failure
                #expect(failure?.reason.contains("loopback address") == true)
                #expect(receiver.connections == 0)
            }
        }
    }
}
