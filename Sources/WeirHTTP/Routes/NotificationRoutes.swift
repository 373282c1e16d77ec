import HTTPTypes
import Hummingbird
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON
import Synchronization

/// Notifications as a list and as a stream of server-sent events.
struct NotificationRoutes: Sendable {
    let routes: APIRoutes
    let readiness: Readiness
    /// The streams that are open.
    let streams: EventStreams
    let pause: @Sendable (Duration) async -> Void

    private var node: QuotaNode { routes.node }

    func add(to router: RouteCollector) {
        routes.addAdmin(.get, "/api/admin/notifications", to: router, list)
        routes.addAdmin(.get, "/api/admin/notifications/stream", to: router, stream)
    }

    private func list(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let tenant = try query.identifier("tenant", TenantID.self)
        let kind = try query.choice("type", QuotaNotification.Kind.self)
        let page = try ListPage(&query)
        let after = try page.after.map { text throws(Problem) in
            guard let number = Int64(text) else { throw ListPage.foreignCursor }
            return number
        }
        let wanted = NotificationPage(
            tenant: tenant, kinds: Set([kind].compactMap(\.self)), after: after ?? 0,
            limit: page.limit + 1)
        let found = try await routes.asking { () async throws(NodeError) in
            try await node.notifications(wanted)
        }
        return page.answer(
            found, id: { String($0.number) },
            write: { notification, writer in
                writer.object { writer in
                    writer.member("id", notification.id)
                    writer.member("number", notification.number)
                    notification.writeMembers(to: &writer)
                }
            })
    }

    private func stream(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var query = try request.query()
        let tenant = try query.identifier("tenant", TenantID.self)
        let kind = try query.choice("type", QuotaNotification.Kind.self)
        let given = try query.integer("after", in: 0...Int(Int32.max)).map { Int64($0) }
        try query.finish()
        // What a browser sends when it connects again.
        let header = request.head.headerFields[.lastEventID]
        let last = header.flatMap { Int64($0) }
        guard last.map({ $0 >= 0 && String($0) == header }) ?? (header == nil) else {
            throw .invalidHeader(
                .lastEventID,
                "must be the id of an event of this stream; leave it out to begin "
                    + "with what is new")
        }
        guard let place = streams.take() else {
            throw Problem(
                .serviceUnavailable,
                "at most \(EventStreams.maximum) streams are open at a time; close one first")
        }
        // Who holds a place has left when the connection closes, whatever the body waits for.
        request.connectionEnd.whenComplete { [weak place] _ in place?.leave() }
        let newest = try await routes.asking { () async throws(NodeError) in
            try await node.lastNotification()
        }
        // A number that is not there yet is of another ledger, or of this one before it was
        // restored.
        let after = min(last ?? given ?? newest, newest)
        var answer = APIAnswer(
            .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"])
        answer.stream = BodyStream(
            NotificationEvents(
                node: node, readiness: readiness, tenant: tenant,
                kinds: Set([kind].compactMap(\.self)), after: after, place: place,
                pause: pause))
        return answer
    }
}

/// Counts the streams of events that are open, of which there is a most.
final class EventStreams: Sendable {
    /// The most streams at a time.
    static let maximum = 64

    private let count = Mutex(0)

    /// One open stream; closed when its client leaves, or nobody has it any more.
    final class Place: Sendable {
        private let streams: EventStreams
        private let hasEnded = Atomic<Bool>(false)

        fileprivate init(_ streams: EventStreams) {
            self.streams = streams
        }

        /// Whether its client has left.
        var isLeft: Bool { hasEnded.load(ordering: .relaxed) }

        /// Lets somebody else have the place, once.
        func leave() {
            if hasEnded.exchange(true, ordering: .relaxed) { return }
            streams.count.withLock { $0 -= 1 }
        }

        deinit { leave() }
    }

    /// A place for one more; nil when there is none.
    func take() -> Place? {
        let isTaken = count.withLock { count in
            guard count < Self.maximum else { return false }
            count += 1
            return true
        }
        return isTaken ? Place(self) : nil
    }
}

/// Notifications as server-sent events, as they are written.
private struct NotificationEvents: BodyParts {
    /// How often the ledger is asked for more.
    private static let interval = Duration.milliseconds(250)
    /// After how many looks without anything a comment shows that the stream is alive.
    private static let looksPerComment = 60
    /// The most events of one part.
    private static let pageSize = 200

    let node: QuotaNode
    let readiness: Readiness
    let tenant: TenantID?
    let kinds: Set<QuotaNotification.Kind>
    var after: Int64
    let place: EventStreams.Place
    let pause: @Sendable (Duration) async -> Void
    private var looks = 0
    private var hasBegun = false

    init(
        node: QuotaNode,
        readiness: Readiness,
        tenant: TenantID?,
        kinds: Set<QuotaNotification.Kind>,
        after: Int64,
        place: EventStreams.Place,
        pause: @escaping @Sendable (Duration) async -> Void
    ) {
        self.pause = pause
        self.node = node
        self.readiness = readiness
        self.tenant = tenant
        self.kinds = kinds
        self.after = after
        self.place = place
    }

    mutating func next() async throws -> [UInt8]? {
        // So that a proxy passes the head on, and a client knows that it is connected.
        if !hasBegun {
            hasBegun = true
            return Array(": connected\n\n".utf8)
        }
        // A server that stops does not wait for its streams; clients connect again elsewhere.
        while readiness.isReady, !place.isLeft {
            let page = NotificationPage(
                tenant: tenant, kinds: kinds, after: after, limit: Self.pageSize)
            let found = try await node.notifications(page)
            if let last = found.last {
                (after, looks) = (last.number, 0)
                return found.flatMap(\.event)
            }
            looks += 1
            if looks >= Self.looksPerComment {
                looks = 0
                return Array(": alive\n\n".utf8)
            }
            await pause(Self.interval)
            try Task.checkCancellation()
        }
        return nil
    }
}

extension QuotaNotification {
    /// The notification as a server-sent event; its id is where a client goes on.
    fileprivate var event: [UInt8] {
        Array("id: \(number)\nevent: \(kind.rawValue)\ndata: ".utf8) + body + Array("\n\n".utf8)
    }
}

extension HTTPField.Name {
    /// What a client of server-sent events has seen last.
    fileprivate static var lastEventID: HTTPField.Name { Self("Last-Event-ID")! }
}
