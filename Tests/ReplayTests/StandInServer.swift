import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import WeirCommand

/// A ``StandInLedger`` behind real sockets, with faults on the way to it.
final class StandInServer: Sendable {
    private struct State {
        var ledger: StandInLedger
        var faults: SplitMix64?
        var requests = 0
    }

    private let state: Mutex<State>

    /// Without a seed there are no faults.
    init(_ ledger: StandInLedger, faultSeed: UInt64?) {
        state = Mutex(State(ledger: ledger, faults: faultSeed.map { SplitMix64(seed: $0) }))
    }

    /// How many requests arrived.
    var requests: Int { state.withLock { $0.requests } }

    /// Serves on a free port while `body` runs, and passes it the address.
    func serve<Value: Sendable>(_ body: (String) async throws -> Value) async throws -> Value {
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Value, any Error>
        do {
            result = .success(try await body("http://127.0.0.1:\(channel.localAddress!.port!)"))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        return try result.get()
    }

    /// The answer, or nil when the connection breaks.
    fileprivate func answer(
        _ head: HTTPRequestHead, _ body: [UInt8]
    ) -> StandInLedger.Answer? {
        state.withLock { state in
            state.requests += 1
            let fault = state.faults.flatMap { _ in Fault.draw(&state.faults!) }
            switch fault {
            case .lostRequest: return nil
            case .unavailable: return .init(status: 503, body: "{}")
            case .inFlight where head.uri.hasPrefix("/api/v1"):
                return .init(status: 409, body: "{}")
            case .lostAnswer:
                _ = state.ledger.handle(head.method.rawValue, head.uri, body)
                return nil
            case .inFlight, nil: return state.ledger.handle(head.method.rawValue, head.uri, body)
            }
        }
    }
}

extension StandInServer {
    fileprivate final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: StandInServer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(server: StandInServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let bytes):
                body += Array(bytes.readableBytesView)
            case .end:
                guard let answer = server.answer(head!, body) else {
                    context.close(promise: nil)
                    return
                }
                var headers: HTTPHeaders = ["Content-Length": "\(answer.body.utf8.count)"]
                if answer.isReplay { headers.add(name: "Idempotency-Replayed", value: "true") }
                let status = HTTPResponseStatus(statusCode: answer.status)
                let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                let bytes = ByteBuffer(string: answer.body)
                context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
