import Testing
import WeirClient

/// Streams of server-sent events, cut anywhere.
struct ServerSentEventsTests {
    private typealias Event = ServerSentEvents.Event

    private static let stream = """
        : connected

        id: 1
        event: quota.reset
        data: {"a":1}

        data:one
        data:  two
        unknown: x
        retry

        : alive

        id: 3
        event: nothing of it

        event: e
        data

        id: 4
        data: not whole
        """

    private static let events = [
        Event(id: "1", name: "quota.reset", data: #"{"a":1}"#),
        Event(id: "1", data: "one\n two"), Event(id: "3", name: "e"),
    ]

    @Test(arguments: ["\n", "\r", "\r\n"], [1, 2, 3, 7, 4_096])
    func eventsAreTheSameHoweverTheyArrive(lineEnd: String, size: Int) throws {
        var reader = ServerSentEvents()
        var rest = Array(Self.stream.replacing("\n", with: lineEnd).utf8)[...]
        var events: [Event] = []
        while !rest.isEmpty {
            events += try reader.take(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        #expect(events == Self.events)
    }

    @Test(arguments: ["data: ", "", ": "])
    func aLineWithoutEndIsRefused(start: String) throws {
        var reader = ServerSentEvents()
        _ = try reader.take(Array(start.utf8))
        let part = Array(repeating: UInt8(ascii: "x"), count: 65_536)
        #expect(throws: ServerSentEvents.TooLarge.self) {
            for _ in 0..<17 { _ = try reader.take(part) }
        }
    }

    @Test func anEventWithoutEndIsRefused() {
        var reader = ServerSentEvents()
        let line = Array("data: \(String(repeating: "x", count: 65_536))\n".utf8)
        #expect(throws: ServerSentEvents.TooLarge.self) {
            for _ in 0..<17 { _ = try reader.take(line) }
        }
    }
}
