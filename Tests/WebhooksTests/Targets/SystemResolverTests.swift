import Foundation
import Synchronization
import Testing

@testable import Webhooks

@Suite("The resolver of the system")
struct SystemResolverTests {
    @Test(
        "whatever spelling it accepts, what counts is where it leads",
        arguments: [
            "localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1", "2130706433", "0x7f.1",
            "0x7f000001", "0177.0.0.1", "017700000001", "[::1]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "0", "0.0.0.0", "10.0.0.3", "169.254.169.254", "0xa9fea9fe",
            "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]",
        ])
    func spellings(host: String) async throws {
        let resolver = SystemResolver()
        for scheme in ["http", "https"] {
            let error = await #expect(throws: WebhookTargetError.self) {
                try await WebhookTarget.vet(
                    "\(scheme)://\(host)/", resolver: resolver, policy: AddressPolicy())
            }
            // Where the system does not take a spelling, that is as good.
            let isRefused = error?.description.contains("resolves to") == true
            #expect(isRefused || error?.isTransient == true, "\(String(describing: error))")
        }
    }

    @Test("the decimal spelling of an address is looked up, and each address comes once")
    func addresses() async throws {
        let resolver = SystemResolver()
        let addresses = try await resolver.addresses(of: "2130706433")
        #expect(addresses.map(\.description) == ["127.0.0.1"])
        let six = try await resolver.addresses(of: "::1")
        #expect(six.map(\.description) == ["::1"])
    }

    @Test("a name that can't be is an error in the words of the system")
    func notFound() async {
        // A label of more than 63 bytes, which no name server is asked for.
        let host = String(repeating: "x", count: 64) + ".invalid"
        let error = await #expect(throws: HostResolverError.self) {
            try await SystemResolver().addresses(of: host)
        }
        if case .failed(let words) = error {
            #expect(!words.isEmpty)
        } else {
            Issue.record("\(String(describing: error))")
        }
    }

    @Test("no more than eight threads work at once, and what is too much is turned away")
    func bounded() async {
        let threads = LookupThreads()
        let gate = DispatchSemaphore(value: 0)
        let counts = Mutex((running: 0, most: 0, done: 0))
        let total = LookupThreads.maximumThreads + LookupThreads.maximumWaiting
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let work: @Sendable () -> Void = {
            counts.withLock { counts in
                counts.running += 1
                counts.most = max(counts.most, counts.running)
            }
            gate.wait()
            counts.withLock { counts in
                counts.running -= 1
                counts.done += 1
            }
            end.yield()
        }
        var taken = 0
        while taken < 2 * total, threads.run(work) { taken += 1 }
        // A thread that has not begun leaves its work waiting.
        #expect(taken <= total && taken >= LookupThreads.maximumWaiting)
        for _ in 0..<taken { gate.signal() }
        var iterator = ends.makeAsyncIterator()
        for _ in 0..<taken { await iterator.next() }
        let (_, most, done) = counts.withLock { $0 }
        #expect(done == taken)
        #expect(most <= LookupThreads.maximumThreads)
    }
}
