internal import NIOCore
internal import NIOSSL

/// One connection to a server: acts as ``ConnectionState`` says.
///
/// It belongs to its event loop. What is sent in one tick is gathered and written by ``flush()``.
final class RESPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A buffer that has grown larger is not kept for the next tick.
    private static let keptBytes = 256 << 10
    private static let firstBytes = 4 << 10
    private static let asking = RESPCommand("ASKING")

    let endpoint: RESPEndpoint
    private let eventLoop: any EventLoop
    /// Kept until nothing of the connection is left: what is held weakly is slow to count.
    private var delegate: (any RESPConnectionDelegate)?
    private let gone: (RESPConnection) -> Void

    private var state: ConnectionState<Call>
    private var parser: RESPParser
    private var context: ChannelHandlerContext?
    private var output: ByteBuffer
    private var wake: (at: NIODeadline, task: Scheduled<Void>)?
    private var connectTimer: Scheduled<Void>?
    private var hasGreeted = false
    private let speaksTLS: Bool
    private var closesWhenIdle: RESPError?

    init(
        endpoint: RESPEndpoint,
        state: ConnectionState<Call>,
        limits: RESPLimits,
        speaksTLS: Bool,
        eventLoop: any EventLoop,
        delegate: any RESPConnectionDelegate,
        gone: @escaping (RESPConnection) -> Void
    ) {
        self.endpoint = endpoint
        self.speaksTLS = speaksTLS
        self.state = state
        self.eventLoop = eventLoop
        self.delegate = delegate
        self.gone = gone
        parser = RESPParser(limits: limits)
        output = ByteBuffer()
        output.reserveCapacity(Self.firstBytes)
    }

    /// How many replies are awaited.
    var callsInFlight: Int { state.callsInFlight }

    /// Begins to measure how long connecting takes.
    func startConnectTimer(_ timeout: Duration) {
        connectTimer = eventLoop.assumeIsolated()
            .scheduleTask(in: TimeAmount(timeout)) { self.connectTimeout(timeout) }
    }

    private func connectTimeout(_ timeout: Duration) {
        guard hasGreeted else {
            close(.unavailable(why: "no connection to Redis at \(endpoint) within \(timeout)"))
            return
        }
        // A server without TLS waits for the end of what it takes for a line.
        let hint = speaksTLS ? "; perhaps it does not speak TLS on this port" : ""
        let why = "Redis at \(endpoint) did not answer the greeting within \(timeout)\(hint)"
        close(.unavailable(why: why))
    }

    // MARK: Calls

    /// Writes a call's command, or fails the call.
    func send(_ call: Call, now: NIODeadline) {
        if case .asking = call.target {
            // Both or neither: without it the command would be sent back at once.
            guard state.sendUnheard(now: now) else { return refuse(call) }
            output.writeCommand(Self.asking)
        }
        guard state.send(call, now: now) else { return refuse(call) }
        output.writeCommand(call.command)
    }

    private func refuse(_ call: Call) {
        let why = "the connection to Redis at \(endpoint) has ended"
        let error =
            state.isActive
            ? RESPError.overloaded(most: state.maximumCallsInFlight) : .unavailable(why: why)
        delegate?.connection(self, finished: call, with: .failure(error))
    }

    /// Writes a command that has no reply of its own, such as SUBSCRIBE.
    func sendUnanswered(_ command: RESPCommand) {
        guard state.isActive else { return }
        output.writeCommand(command)
    }

    /// Gives what was gathered to the network.
    func flush() {
        guard output.readableBytes > 0, let context else { return }
        state.flushed()
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        if output.capacity > Self.keptBytes {
            output = ByteBuffer()
        } else {
            // Makes a new buffer only if the network still holds this one.
            output.clear()
        }
        scheduleWake()
    }

    /// Gives up the calls with an id, and gives them back.
    func cancel(_ id: UInt64) -> [Call] {
        state.cancel(id)
    }

    // MARK: Time

    private func scheduleWake() {
        guard let next = state.nextWake else { return }
        if let wake, wake.at <= next { return }
        wake?.task.cancel()
        let task = eventLoop.assumeIsolated()
            .scheduleTask(deadline: next) {
                self.wake = nil
                self.timePassed()
            }
        wake = (next, task)
    }

    private func timePassed() {
        let passing = state.timePassed(now: eventLoop.now)
        for call in passing.late {
            delegate?.connection(self, finished: call, with: .failure(.late(endpoint)))
        }
        if passing.isStalled {
            let patience = Duration.nanoseconds(state.stallTimeout.nanoseconds)
            let why = "Redis at \(endpoint) has not answered for \(patience)"
            close(.unavailable(why: why))
        } else {
            scheduleWake()
        }
    }

    // MARK: Ending

    /// Ends the connection; its calls fail with the cause.
    func close(_ cause: RESPError) {
        guard !state.isClosed else { return }
        let leftovers = state.close()
        wake?.task.cancel()
        wake = nil
        connectTimer?.cancel()
        output = ByteBuffer()
        context?.close(promise: nil)
        delegate?.connection(self, endedFor: cause)
        for call in leftovers.written {
            delegate?.connection(self, finished: call, with: .failure(.lost(cause)))
        }
        for call in leftovers.unwritten {
            delegate?.connection(self, finished: call, with: .failure(.unwritten(cause)))
        }
    }

    /// Ends the connection once the last answer has come.
    func closeWhenIdle(_ cause: RESPError) {
        closesWhenIdle = cause
        flush()
        if state.callsInFlight == 0 { close(cause) }
    }

    // MARK: The channel

    /// Takes the channel to the server.
    ///
    /// Not in the channel's initializer: of several addresses of a host, each has a channel.
    func connected(_ channel: any Channel, tls: NIOSSLClientHandler?) {
        guard !state.isClosed else {
            channel.close(promise: nil)
            return
        }
        do {
            if let tls { try channel.pipeline.syncOperations.addHandler(tls) }
            try channel.pipeline.syncOperations.addHandler(self)
        } catch {
            channel.close(promise: nil)
            close(ConnectFault.cause(of: error, at: endpoint))
        }
    }

    /// No channel came about.
    func connectFailed(_ error: any Error) {
        close(ConnectFault.cause(of: error, at: endpoint))
        channelIsGone()
    }

    /// Nothing of the channel is left.
    func channelIsGone() {
        delegate = nil
        gone(self)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { greet() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        greet()
    }

    private func greet() {
        guard !hasGreeted, let command = state.connected() else { return }
        hasGreeted = true
        output.writeCommand(command)
        flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.append(unwrapInboundIn(data))
        do {
            while !state.isClosed, let value = try parser.next() { received(value) }
        } catch {
            let why = "Redis at \(endpoint) sent what is not RESP: \(error.message)"
            close(.unavailable(why: why))
        }
        if let closesWhenIdle, state.callsInFlight == 0 { close(closesWhenIdle) }
    }

    private func received(_ value: RESPValue) {
        switch state.received(value) {
        case .answer(let call, let value):
            if case .error(let reply) = value {
                let error = RESPError.refused(reply, by: endpoint)
                delegate?.connection(self, finished: call, with: .failure(error))
            } else {
                delegate?.connection(self, finished: call, with: .success(value))
            }
        case .push(let message): delegate?.connection(self, received: message)
        case .dropped: break
        case .write(let command): output.writeCommand(command)
        case .ready(let info):
            connectTimer?.cancel()
            connectTimer = nil
            delegate?.connection(self, isReady: info)
        case .close(let cause): close(cause)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        delegate?.connectionHasRead(self)
        flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let fault = ConnectFault.cause(of: error, at: endpoint)
        let cause = speaksTLS ? fault : .unavailable(why: fault.message + greetingHint)
        close(cause)
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(.unavailable(why: "Redis at \(endpoint) closed the connection" + greetingHint))
    }

    /// What may be wrong when a connection ends before it was ready.
    private var greetingHint: String {
        state.isActive
            ? "" : " before it was ready; perhaps it expects \(speaksTLS ? "no TLS" : "TLS")"
    }
}
