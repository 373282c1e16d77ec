internal import NIOCore

/// Listens to sentinels for a new master.
///
/// It belongs to its event loop.
final class SentinelWatch {
    static let channel = "+switch-master"

    private let feed: SubscriptionFeed
    private let master: String
    /// Is told the new master, or nil when messages may have been missed.
    private let switched: (RESPEndpoint?) -> Void

    init(
        connector: Connector,
        master: String,
        random: @escaping @Sendable () -> Double,
        switched: @escaping (RESPEndpoint?) -> Void
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
        switch event {
        case .message(_, let payload):
            if let endpoint = Self.newMaster(String(buffer: payload), of: master) {
                switched(endpoint)
            }
        case .connected, .reconnected: switched(nil)
        case .disconnected, .subscribed: break
        }
    }

    /// Reads `name old-host old-port new-host new-port`; nil where it is about another master.
    static func newMaster(_ message: String, of master: String) -> RESPEndpoint? {
        let words = message.split(separator: " ")
        guard words.count == 5, words[0] == master, let port = Int(words[4]) else { return nil }
        return RESPEndpoint(host: String(words[3]), port: port)
    }
}
