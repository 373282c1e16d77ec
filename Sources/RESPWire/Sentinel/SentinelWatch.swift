internal import NIOCore

/// Listens to sentinels for a new master.
///
/// It belongs to its event loop.
final class SentinelWatch {
    static let channel = "+switch-master"

    private let feed: SubscriptionFeed
    private let master: String
    private let switched: (RESPEndpoint) -> Void

    init(
        connector: Connector,
        master: String,
        random: @escaping @Sendable () -> Double,
        switched: @escaping (RESPEndpoint) -> Void
    ) {
        self.master = master
        self.switched = switched
        let sentinels = connector.configuration.endpoints
        var next = 0
        feed = SubscriptionFeed(
            connector: connector, purpose: .sentinelSubscription, random: random,
            find: { completion in
                next += 1
                completion(.success(sentinels[(next - 1) % sentinels.count]))
            })
        feed.handler = { self.received($0) }
        feed.subscribe(to: Self.channel)
    }

    func start() {
        feed.start()
    }

    func stop() {
        feed.stop()
    }

    private func received(_ event: RESPSubscriptionEvent) {
        guard case .message(_, let payload) = event,
            let endpoint = Self.newMaster(String(buffer: payload), of: master)
        else { return }
        switched(endpoint)
    }

    /// Reads `name old-host old-port new-host new-port`; nil where it is about another master.
    static func newMaster(_ message: String, of master: String) -> RESPEndpoint? {
        let words = message.split(separator: " ")
        guard words.count == 5, words[0] == master, let port = Int(words[4]) else { return nil }
        return RESPEndpoint(host: String(words[3]), port: port)
    }
}
