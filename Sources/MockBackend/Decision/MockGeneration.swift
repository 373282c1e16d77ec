package import NIOCore

/// One answer while it is generated: says what to write now, and when to ask again.
///
/// It has neither a clock nor a connection; whoever drives it passes the time and whether anybody
/// reads.
package struct MockGeneration {
    /// When to ask again, or how the answer ends.
    package enum Next: Sendable, Equatable {
        /// As soon as others have had their turn.
        case again
        /// When the connection takes more.
        case writable
        /// At the next tick of the pace.
        case tick
        /// At this time, in nanoseconds.
        case at(UInt64)
        /// Never: until the client goes away nothing happens.
        case never
        /// The answer is written; it may be one that went wrong.
        case done
        /// What should follow never comes: the connection ends.
        case broken
    }

    private enum Phase {
        /// The prompt is being read, or a whole answer generated.
        case waiting
        case streaming
        case ended
    }

    /// What is answered.
    package let plan: MockPlan
    private let identity: MockIdentity
    private let head: MockHead
    private let firstToken: UInt64
    private var phase = Phase.waiting
    private var pace: TokenPace
    private var events: MockEvents?
    /// A block of events, framed, once one was needed.
    private var block: ByteBuffer?
    /// How many tokens of a whole answer are generated once it is written.
    private var wholeTokens = 0

    /// How many tokens are written at once where there is no pace.
    private static let turnTokens = 512

    /// Begins an answer.
    ///
    /// - Parameters:
    ///   - plan: what happens.
    ///   - identity: its number and time.
    ///   - head: how it is framed.
    ///   - now: a steady time in nanoseconds.
    package init(_ plan: MockPlan, _ identity: MockIdentity, _ head: MockHead, now: UInt64) {
        self.plan = plan
        self.identity = identity
        self.head = head
        let (time, overflow) = now.addingReportingOverflow(plan.firstTokenNanoseconds)
        firstToken = overflow ? .max : time
        pace = TokenPace(perSecond: plan.tokensPerSecond, now: firstToken)
    }

    /// How many tokens have been generated.
    package var tokens: Int { events?.tokens ?? wholeTokens }

    /// Whether another request may follow on the connection.
    package var keepsAlive: Bool { head.isKeptAlive(after: plan.request.isStream ? nil : 0) }

    /// Goes on.
    ///
    /// - Parameters:
    ///   - now: the time.
    ///   - isWritable: whether the connection takes more.
    ///   - write: takes the bytes to be sent.
    /// - Returns: when to call again.
    package mutating func advance(
        now: UInt64,
        isWritable: Bool,
        write: (ByteBuffer) -> Void
    ) -> Next {
        switch phase {
        case .waiting:
            if plan.fault == .stall { return .never }
            let due = plan.request.isStream ? firstToken : wholeDue
            guard now >= due else { return .at(due) }
            guard plan.request.isStream else { return answerWhole(write) }
            return open(now: now, write)
        case .streaming: return stream(now: now, isWritable: isWritable, write)
        case .ended: return .never
        }
    }

    /// The client went away: counts what was generated of a whole answer by now.
    package mutating func abandon(now: UInt64) {
        defer { phase = .ended }
        guard phase == .waiting, !plan.request.isStream, plan.fault != .stall, now >= firstToken
        else { return }
        wholeTokens =
            pace.due(now: now, limit: plan.length) * plan.request.choices
    }

    // MARK: Whole answers

    /// When a whole answer has been generated.
    private var wholeDue: UInt64 {
        let rest = TokenPace.nanoseconds(of: plan.length - 1, perSecond: plan.tokensPerSecond)
        let (time, overflow) = firstToken.addingReportingOverflow(rest)
        return overflow ? .max : time
    }

    private mutating func answerWhole(_ write: (ByteBuffer) -> Void) -> Next {
        phase = .ended
        wholeTokens = plan.tokens
        var body = MockAnswer(plan, identity).bytes
        if plan.fault == .garbage {
            wholeTokens = 0
            body = Array(Self.garbage.utf8)
        }
        var buffer = ByteBufferAllocator().buffer(capacity: body.count + 256)
        head.write(type: "application/json", length: body.count, into: &buffer)
        if case .cut = plan.fault {
            buffer.writeBytes(body.prefix(body.count / 2))
            write(buffer)
            return .broken
        }
        buffer.writeBytes(body)
        write(buffer)
        return .done
    }

    /// What comes in place of JSON.
    static let garbage = "<html><body>502 {\"choices\":[{\"delta\":{\"content\":</body>\u{7F}"

    // MARK: Streams

    private mutating func open(now: UInt64, _ write: (ByteBuffer) -> Void) -> Next {
        var opened = MockEvents(plan, identity)
        var buffer = ByteBufferAllocator().buffer(capacity: 256)
        head.write(type: "text/event-stream; charset=utf-8", length: nil, into: &buffer)
        write(buffer)
        if plan.fault == .garbage {
            phase = .ended
            write(
                head.piece(capacity: 256, isLast: true) {
                    $0.writeString("data: \(Self.garbage)\n\ndata: {\"id\":\n\n\(Self.garbage)")
                })
            return .done
        }
        let opening = head.piece(capacity: 256, isLast: false) { opened.writeOpening(into: &$0) }
        if opening.readableBytes > 0 { write(opening) }
        events = opened
        phase = .streaming
        pace = TokenPace(perSecond: plan.tokensPerSecond, now: now)
        return stream(now: now, isWritable: true, write)
    }

    /// How many tokens there are before the answer ends or goes wrong.
    private var end: Int {
        switch plan.fault {
        case .cut(let after), .errorInStream(let after): min(after, plan.tokens)
        case .endless: .max
        case .none, .stall, .garbage: plan.tokens
        }
    }

    private mutating func stream(
        now: UInt64,
        isWritable: Bool,
        _ write: (ByteBuffer) -> Void
    ) -> Next {
        guard isWritable else {
            pace.hold()
            return .writable
        }
        guard var events = events.take() else { return .never }
        defer { self.events = events }
        let isPaced = plan.tokensPerSecond > 0
        let rest = max(0, end - events.tokens)
        var count = min(rest, Self.turnTokens)
        if isPaced {
            let choices = plan.request.choices
            let rounds = rest / choices + (rest % choices > 0 ? 1 : 0)
            count = min(rest, pace.due(now: now, limit: rounds) * choices)
        }
        var left = count
        if !isPaced { left -= writeBlocks(upTo: left, of: &events, write) }
        let isLast = count == rest
        guard left > 0 || isLast else { return isPaced ? .tick : .again }
        let piece = head.piece(
            capacity: events.bytes(of: left) + (isLast ? 512 : 0),
            isLast: isLast && !isCut
        ) { buffer in
            events.writeTokens(left, into: &buffer)
            guard isLast, !isCut else { return }
            if case .errorInStream = plan.fault {
                events.writeError(into: &buffer)
            } else {
                events.writeEnding(into: &buffer)
            }
        }
        if piece.readableBytes > 0 { write(piece) }
        guard isLast else { return isPaced ? .tick : .again }
        phase = .ended
        return isCut ? .broken : .done
    }

    private var isCut: Bool { if case .cut = plan.fault { true } else { false } }

    /// Writes whole blocks, whose bytes are the same each time, and says how many tokens that was.
    private mutating func writeBlocks(
        upTo count: Int,
        of events: inout MockEvents,
        _ write: (ByteBuffer) -> Void
    ) -> Int {
        guard let size = events.blockSize, size > 0 else { return 0 }
        var written = 0
        while count - written >= size, events.isAtBlock {
            let made =
                block
                ?? head.piece(capacity: events.bytes(of: size), isLast: false) { buffer in
                    var copy = events
                    copy.writeTokens(size, into: &buffer)
                }
            block = made
            events.skipBlock()
            write(made)
            written += size
        }
        return written
    }
}
