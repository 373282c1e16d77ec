package import NIOCore

/// A stream of Server-Sent Events on its way from a backend to a caller.
///
/// Takes the bytes as they come, cut anywhere, and gives back those that go on: whole events, byte
/// for byte. What it finds out does not depend on the cuts. Data is read as strict JSON in UTF-8,
/// all of it: what passes, the caller can read.
///
/// Source of the format: the HTML standard, section 9.2 "Server-sent events".
package struct StreamScanner: Sendable {
    /// The longest event that passes.
    ///
    /// A response's first event repeats its instructions, and its last the whole answer.
    package static let maximumEventBytes = 1 << 24

    /// Output tokens counted on the wire.
    ///
    /// A choice's text in one event counts 1, and above 32 bytes a token for every four, rounded
    /// up.
    package private(set) var tokens: Int64 = 0
    /// The fewest tokens that the text can be: one for every 32 bytes of an event, rounded up.
    package private(set) var leastTokens: Int64 = 0
    /// The last usage that the backend gave.
    ///
    /// Nil also when the last one cannot be believed: an earlier one would say too little.
    package private(set) var usage: Usage?
    /// Whether the last usage came with the end of a choice, or behind all of them.
    ///
    /// Where other choices go on, further usage takes that back.
    package private(set) var isUsageFinal = false
    /// Whether the stream came to its end: `[DONE]`, or the response's last event.
    package private(set) var isDone = false
    /// Whether a choice, or the response, came to its end.
    package private(set) var hasFinish = false
    /// Whether the stream ended within an event, which was dropped.
    package private(set) var isTorn = false
    /// The first thing that went wrong.
    ///
    /// After ``StreamFailure/garbage`` and ``StreamFailure/tooLong`` nothing passes any more.
    package private(set) var failure: StreamFailure?

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private let endpoint: Endpoint
    private let stripsUsage: Bool
    private var isStopped = false
    /// The beginning of an event whose end has not come yet.
    private var held = ByteBuffer()
    private var finder = EventFinder()
    private var template = EventTemplate()
    /// Whether no event has been read; before the first there may be a byte order mark.
    private var isAtStart = true
    /// Whether the last event ended with a carriage return, so that a line feed is still its.
    private var awaitsLineFeed = false
    private var hasDroppedLast = false

    /// A stream that begins.
    ///
    /// - Parameters:
    ///   - endpoint: What was asked.
    ///   - stripsUsage: Whether the chunk that carries nothing but usage is kept from the caller,
    ///     who did not ask for it.
    package init(endpoint: Endpoint, stripsUsage: Bool) {
        self.endpoint = endpoint
        self.stripsUsage = stripsUsage
    }

    /// Takes the next bytes and says which go on to the caller.
    ///
    /// An event that is not whole yet is kept back. Copies nothing when whole events come.
    package mutating func receive(_ bytes: ByteBuffer) -> ByteBuffer {
        guard !isStopped, bytes.readableBytes > 0 else { return ByteBuffer() }
        guard held.readableBytes > 0 else { return pass(bytes, isOwn: false) }
        var input = ByteBuffer()
        swap(&input, &held)
        input.writeImmutableBuffer(bytes)
        return pass(input, isOwn: true)
    }

    /// Takes note that the stream has ended.
    ///
    /// - Returns: What goes on to the caller: nothing, but for a `[DONE]` without the blank line
    ///   behind it, with which some servers end. Any other event that is not whole is dropped.
    package mutating func finish() -> ByteBuffer {
        guard !isStopped else { return ByteBuffer() }
        isStopped = true
        let rest = held
        held = ByteBuffer()
        guard rest.readableBytes > 0 else { return ByteBuffer() }
        let isEnd = rest.withUnsafeReadableBytes { Self.isEndMark($0, EventLines($0, from: 0)) }
        isDone = isDone || isEnd
        isTorn = !isEnd
        return isEnd ? rest : ByteBuffer()
    }

    /// Scans the events in `input` and keeps back what is left; `isOwn` when nobody else has it.
    private mutating func pass(_ input: ByteBuffer, isOwn: Bool) -> ByteBuffer {
        var input = input
        var dropped: [Range<Int>] = []
        let end = input.withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            return scan(start, bytes.count, &dropped)
        }
        let whole = input.readSlice(length: end) ?? ByteBuffer()
        if !isStopped, input.readableBytes > 0 {
            if isOwn, end == 0 {
                held = input
            } else {
                // A copy, or a few bytes would keep all of the caller's buffer alive.
                held.writeImmutableBuffer(input)
            }
        }
        return dropped.isEmpty ? whole : Self.without(dropped, whole)
    }

    /// Scans whole events; says where the last of them ends.
    private mutating func scan(
        _ bytes: UnsafeRawPointer,
        _ count: Int,
        _ dropped: inout [Range<Int>]
    ) -> Int {
        var start = 0
        if awaitsLineFeed, ByteSearch.byte(bytes, 0) == UInt8(ascii: "\n") {
            if hasDroppedLast { dropped.append(0..<1) }
            start = 1
        }
        awaitsLineFeed = false
        while start < count {
            if finder.isFresh, let (end, textBytes) = template.match(bytes, from: start, to: count),
                end - start <= Self.maximumEventBytes
            {
                tokens += TokenCount.ofEvent(textBytes: textBytes)
                leastTokens += TokenCount.leastOfText(bytes: textBytes)
                start = end
                continue
            }
            let end = finder.end(of: bytes, from: start, to: count)
            guard (end ?? count) - start <= Self.maximumEventBytes else {
                stop(.tooLong)
                break
            }
            guard let end else { break }
            let event = UnsafeRawBufferPointer(start: bytes + start, count: end - start)
            hasDroppedLast = false
            guard read(event) else { break }
            if hasDroppedLast { dropped.append(start..<end) }
            awaitsLineFeed = end == count && event.last == UInt8(ascii: "\r")
            start = end
        }
        return start
    }

    /// Reads an event; false when nothing more may pass.
    private mutating func read(_ event: UnsafeRawBufferPointer) -> Bool {
        let hasMark = isAtStart && event.starts(with: Self.byteOrderMark)
        isAtStart = false
        let lines = EventLines(event, from: hasMark ? Self.byteOrderMark.count : 0)
        // Comments, and nothing at all, are signs of life.
        guard let data = lines.data, !data.isEmpty || lines.joined != nil else { return true }
        if Self.isEndMark(event, lines) {
            isDone = true
            return true
        }
        do throws(JSONFault) {
            if let joined = lines.joined {
                note(
                    try joined.withUnsafeBufferPointer { (bytes) throws(JSONFault) in
                        try answer(UnsafeRawBufferPointer(bytes))
                    })
            } else {
                let answer = try answer(UnsafeRawBufferPointer(rebasing: event[data]))
                note(answer)
                if !hasMark { learn(event, data.lowerBound, answer) }
            }
            return true
        } catch {
            stop(.garbage)
            return false
        }
    }

    private func answer(_ data: UnsafeRawBufferPointer) throws(JSONFault) -> Answer {
        try Answer.read(data, endpoint: endpoint, isWhole: false)
    }

    private mutating func note(_ answer: Answer) {
        tokens += answer.tokens
        leastTokens += answer.leastTokens
        if case .given(let usage) = answer.usage {
            self.usage = usage
            isUsageFinal = answer.choices != .some || answer.hasFinish
            hasDroppedLast = stripsUsage && answer.choices == .empty && answer.error == nil
        }
        if answer.hasFinish || answer.ending != nil { hasFinish = true }
        if answer.ending != nil { isDone = true }
        if let message = answer.error, failure == nil { failure = .backendError(message) }
    }

    /// Keeps an event as a template when there is nothing to it but one string of text.
    ///
    /// Events of responses are numbered: none is like another.
    private mutating func learn(
        _ event: UnsafeRawBufferPointer,
        _ dataStart: Int,
        _ answer: Answer
    ) {
        guard endpoint != .responses, answer.textCount == 1, let text = answer.lastText,
            case .missing = answer.usage,
            !answer.hasFinish, answer.error == nil, answer.ending == nil
        else { return }
        template.learn(event, text: (dataStart + text.start)..<(dataStart + text.end))
    }

    private mutating func stop(_ reason: StreamFailure) {
        if failure == nil { failure = reason }
        isStopped = true
    }

    /// Whether an event is the mark that ends OpenAI's streams.
    private static func isEndMark(_ event: UnsafeRawBufferPointer, _ lines: EventLines) -> Bool {
        guard let data = lines.data, lines.joined == nil else { return false }
        let mark: StaticString = "[DONE]"
        var value = event[data]
        while value.last == UInt8(ascii: " ") { value.removeLast() }
        return value.elementsEqual(
            UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount))
    }

    /// The bytes without some parts of them, which are in order.
    private static func without(_ parts: [Range<Int>], _ bytes: ByteBuffer) -> ByteBuffer {
        var bytes = bytes
        var rest = ByteBuffer()
        var offset = 0
        for part in parts {
            if let kept = bytes.readSlice(length: part.lowerBound - offset) {
                rest.writeImmutableBuffer(kept)
            }
            _ = bytes.readSlice(length: part.count)
            offset = part.upperBound
        }
        rest.writeImmutableBuffer(bytes)
        return rest
    }
}
