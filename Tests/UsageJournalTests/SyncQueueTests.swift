import Testing

@testable import UsageJournal

@Suite("Sync queue")
struct SyncQueueTests {
    private enum Event {
        case arrives(String, Int, SyncQueue<String>.Arrival)
        case synced(Int, proceeding: [String], again: Bool)
        case failed([String])
    }

    private static let error = JournalError(.broken, "gone")

    private func position(_ offset: Int) -> JournalPosition {
        JournalPosition(segment: 0, offset: 4_096 + 64 * offset)
    }

    private func run(_ events: [Event]) {
        var queue = SyncQueue<String>()
        for (index, event) in events.enumerated() {
            switch event {
            case .arrives(let name, let offset, let expected):
                #expect(queue.arrive(name, for: position(offset)) == expected, "event \(index)")
            case .synced(let offset, let proceeding, let again):
                let outcome = queue.didSync(through: position(offset))
                #expect(outcome.proceeding == proceeding, "event \(index)")
                #expect(outcome.syncsAgain == again, "event \(index)")
            case .failed(let names):
                #expect(queue.didFail(Self.error) == names, "event \(index)")
            }
        }
    }

    @Test("one sync at a time, and the next for all who came meanwhile")
    func table() {
        run([
            .arrives("a", 1, .waitAndSync), .arrives("b", 2, .wait), .arrives("c", 3, .wait),
            .synced(1, proceeding: ["a"], again: true), .arrives("d", 4, .wait),
            .synced(3, proceeding: ["b", "c"], again: true),
            .synced(4, proceeding: ["d"], again: false), .arrives("e", 5, .waitAndSync),
            .synced(5, proceeding: ["e"], again: false),
        ])
    }

    @Test("who is covered already goes on")
    func covered() {
        run([
            .arrives("a", 0, .proceed), .arrives("b", 2, .waitAndSync),
            .arrives("c", 1, .wait), .synced(2, proceeding: ["b", "c"], again: false),
            .arrives("d", 2, .proceed), .arrives("e", 3, .waitAndSync),
            // An older answer takes nothing back.
            .synced(1, proceeding: [], again: true), .arrives("f", 2, .proceed),
        ])
    }

    @Test("a failure is for all, and for ever")
    func failure() {
        run([
            .arrives("a", 1, .waitAndSync), .arrives("b", 2, .wait), .failed(["a", "b"]),
            .arrives("c", 1, .fail(Self.error)), .arrives("d", 0, .fail(Self.error)),
        ])
    }
}
