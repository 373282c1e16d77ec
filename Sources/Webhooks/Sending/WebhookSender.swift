import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import NIOSSL
import NIOPosix
package import QuotaModel
import Synchronization

/// Delivers messages to endpoints: one attempt a call, and when to try again is for others to say.
///
/// Each attempt vets the address again, at most ``Vettings/seconds`` later, and connects to an
/// address that was vetted, whatever the name means by then; TLS still asks for the certificate of
/// the name. Redirects are not followed, no proxy of the environment is used and no cookie kept.
/// Connections are reused. One sender serves all endpoints; ``shutdown()`` must be its end. Whoever
/// calls bounds how many attempts run at once.
package final class WebhookSender: Sendable {
    /// What an operator may set.
    package struct Settings: Sendable {
        /// How long an attempt may take, from the look-up to the end of the answer.
        package var deadline = Duration.seconds(15)
        /// What the receiver sees in `User-Agent`.
        package var userAgent = "weir/1.0"
        /// How many endpoints' connections are kept open.
        package var maximumClients = 64
        /// Certificates that are trusted besides those of the system.
        package var trustedCertificates: [NIOSSLCertificate] = []

        /// The defaults.
        package init() {}
    }

    /// The most of an answer that is read, and dropped, in bytes.
    package static let maximumAnswerBytes = 65_536
    /// The most connections to one host and port: endpoints that share one must not wait for each
    /// other, so it is as many as there are attempts at a time.
    package static let maximumConnections = 128
    /// How many addresses of a host are tried, when they can't be connected to.
    static let maximumAddressesTried = 3
    /// How long connecting to one of them may take.
    static let connectTimeout = TimeAmount.seconds(5)

    private struct State {
        var isClosed = false
        var vettings = Vettings()
        var clients: ClientPool<PinnedAddress, HTTPClient>
        /// Clients whose connections are being closed.
        var closing: [Int: Task<Void, Never>] = [:]
        var closed = 0
    }

    private let settings: Settings
    private let policy: AddressPolicy
    private let resolver: any HostResolver
    private let now: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// A sender without connections.
    ///
    /// - Parameters:
    ///   - settings: what the operator has set.
    ///   - policy: which addresses may be called.
    ///   - resolver: what knows the addresses of hosts.
    ///   - now: the clock.
    package init(
        settings: Settings = Settings(),
        policy: AddressPolicy,
        resolver: any HostResolver,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.settings = settings
        self.policy = policy
        self.resolver = resolver
        self.now = now
        state = Mutex(State(clients: ClientPool(capacity: settings.maximumClients)))
    }

    /// Makes one attempt to deliver a message.
    ///
    /// - Parameters:
    ///   - message: the message, the same at every attempt.
    ///   - url: the endpoint's URL.
    ///   - secrets: the endpoint's secrets, two of them while a rotation lasts.
    /// - Returns: how it ended; a cancelled attempt has failed.
    package func send(
        _ message: WebhookMessage, to url: String, secrets: [WebhookSecret]
    ) async -> DeliveryResult {
        let attempt = Task { await self.attempt(message, url, secrets) }
        let timer = MultiThreadedEventLoopGroup.singleton.any()
            .scheduleTask(in: TimeAmount(settings.deadline)) { attempt.cancel() }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await attempt.value
        } onCancel: {
            attempt.cancel()
        }
        // The attempt can't tell its deadline from its caller's wish.
        if case .failed = result, Task.isCancelled {
            return .failed(DeliveryFailure("the attempt was given up by this server"))
        }
        return result
    }

    /// Closes all connections; attempts that are under way fail, and so do later ones.
    package func shutdown() async {
        let (clients, closing) = state.withLock { state in
            state.isClosed = true
            return (state.clients.removeAll(), Array(state.closing.values))
        }
        // An error could only say that attempts were still under way.
        await withTaskGroup { group in
            for client in clients {
                group.addTask { try? await client.shutdown() }
            }
        }
        for task in closing { await task.value }
    }

    // MARK: One attempt

    private func attempt(
        _ message: WebhookMessage, _ url: String, _ secrets: [WebhookSecret]
    ) async -> DeliveryResult {
        let vetted: VettedTarget
        do {
            vetted = try await self.vetted(url)
        } catch {
            return .failed(DeliveryFailure("the URL \(error)"))
        }
        var result = DeliveryResult.failed(DeliveryFailure("there is no address"))
        for address in vetted.addresses.prefix(Self.maximumAddressesTried) {
            if Task.isCancelled { return .failed(.late(settings.deadline)) }
            let pinned = PinnedAddress(
                scheme: vetted.target.scheme, host: vetted.target.host,
                port: vetted.target.port, address: address)
            guard let client = take(pinned) else {
                return .failed(DeliveryFailure("this server is stopping"))
            }
            defer { giveBack(client) }
            do {
                let request = request(message, vetted.target, secrets)
                return try await exchange(request, client.client)
            } catch {
                let isLate = Task.isCancelled || error as? HTTPClientError == .deadlineExceeded
                result = .failed(isLate ? .late(settings.deadline) : DeliveryFailure(during: error))
                // The receiver knows a message that comes twice by its id.
                guard !isLate, DeliveryFailure.isOfConnecting(error) else { return result }
            }
        }
        return result
    }

    private func vetted(_ url: String) async throws(WebhookTargetError) -> VettedTarget {
        let target = try WebhookTarget(url)
        let start = now()
        if let recent = state.withLock({ $0.vettings.recent(target, now: start) }) { return recent }
        let vetted = try await target.vet(resolver: resolver, policy: policy)
        state.withLock { $0.vettings.keep(vetted, now: start) }
        return vetted
    }

    private func request(
        _ message: WebhookMessage, _ target: WebhookTarget, _ secrets: [WebhookSecret]
    ) -> HTTPClientRequest {
        let timestamp = now().seconds
        var request = HTTPClientRequest(url: target.description)
        request.method = .POST
        request.headers = [
            "content-type": "application/json",
            "user-agent": settings.userAgent,
            WebhookSignature.idField: message.id,
            WebhookSignature.timestampField: String(timestamp),
            WebhookSignature.signatureField: WebhookSignature.header(
                id: message.id, timestamp: timestamp, body: message.body, secrets: secrets),
        ]
        request.body = .bytes(ByteBuffer(bytes: message.body))
        return request
    }

    private func exchange(
        _ request: HTTPClientRequest, _ client: HTTPClient
    ) async throws -> DeliveryResult {
        let answer = try await client.execute(request, timeout: TimeAmount(settings.deadline))
        // The status is what counts. The rest is read so that the connection can be used again; an
        // answer that does not end in time, or is too long, costs its connection.
        var bytes = 0
        do {
            for try await part in answer.body {
                bytes += part.readableBytes
                if bytes > Self.maximumAnswerBytes { break }
            }
        } catch {}
        return DeliveryResult(
            status: Int(answer.status.code), retryAfter: answer.headers.first(name: "retry-after"),
            now: now())
    }

    // MARK: Clients

    private func take(_ pinned: PinnedAddress) -> ClientPool<PinnedAddress, HTTPClient>.Use? {
        let certificates = settings.trustedCertificates
        let taken: ClientPool<PinnedAddress, HTTPClient>.Taken? = state.withLock { state in
            if state.isClosed { return nil }
            return state.clients.take(pinned) { pinned.client(trusting: certificates) }
        }
        if let unused = taken?.close { close(unused) }
        return taken?.use
    }

    private func giveBack(_ use: ClientPool<PinnedAddress, HTTPClient>.Use) {
        if let unused = state.withLock({ $0.clients.giveBack(use) }) { close(unused) }
    }

    private func close(_ client: HTTPClient) {
        state.withLock { state in
            state.closed += 1
            let id = state.closed
            state.closing[id] = Task {
                try? await client.shutdown()
                self.state.withLock { $0.closing[id] = nil }
            }
        }
    }
}
