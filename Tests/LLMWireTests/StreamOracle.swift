import LLMWire
import StrictJSON

/// What a stream should give, found byte by byte and from whole trees.
struct StreamOracle: Equatable {
    var output: [UInt8] = []
    var tokens: Int64 = 0
    var usage: Usage?
    var isDone = false
    var hasFinish = false
    var isTorn = false
    var failure: StreamFailure?

    /// StrictJSON refuses a member that appears twice; then it has no opinion.
    struct NoOpinion: Error {}

    init() {}

    init(_ bytes: [UInt8], endpoint: Endpoint, stripsUsage: Bool) throws(NoOpinion) {
        var (at, eventStart, lineStart) = (0, 0, 0)
        var lines: [[UInt8]] = []
        while at < bytes.count {
            guard bytes[at] == 10 || bytes[at] == 13 else {
                at += 1
                continue
            }
            let line = Array(bytes[lineStart..<at])
            at += bytes[at] == 13 && at + 1 < bytes.count && bytes[at + 1] == 10 ? 2 : 1
            lineStart = at
            guard line.isEmpty else {
                lines.append(line)
                continue
            }
            let event = bytes[eventStart..<at]
            if event.count > StreamScanner.maximumEventBytes {
                fail(.tooLong)
                return
            }
            if eventStart == 0, lines.first?.starts(with: [0xEF, 0xBB, 0xBF]) ?? false {
                lines[0].removeFirst(3)
            }
            guard let drops = try take(lines, endpoint) else {
                fail(.garbage)
                return
            }
            if !(drops && stripsUsage) { output += event }
            eventStart = at
            lines = []
        }
        guard eventStart < bytes.count else { return }
        if bytes.count - eventStart > StreamScanner.maximumEventBytes {
            fail(.tooLong)
            return
        }
        if lineStart < bytes.count { lines.append(Array(bytes[lineStart...])) }
        if let data = Self.data(lines), data.count == 1, Self.isEndMark(data[0]) {
            isDone = true
            output += bytes[eventStart...]
        } else {
            isTorn = true
        }
    }

    private mutating func fail(_ reason: StreamFailure) {
        failure = failure ?? reason
    }

    private static func data(_ lines: [[UInt8]]) -> [[UInt8]]? {
        let values = lines.compactMap { line -> [UInt8]? in
            if line == Array("data".utf8) { return [] }
            guard line.starts(with: "data:".utf8) else { return nil }
            let value = line.dropFirst(5)
            return Array(value.first == 0x20 ? value.dropFirst() : value)
        }
        return values.isEmpty ? nil : values
    }

    private static func isEndMark(_ data: [UInt8]) -> Bool {
        Array(String(decoding: data, as: UTF8.self).utf8.reversed().drop { $0 == 0x20 }.reversed())
            == Array("[DONE]".utf8)
    }

    /// Whether an event carries nothing but usage; nil when it is garbage.
    private mutating func take(
        _ lines: [[UInt8]],
        _ endpoint: Endpoint
    ) throws(NoOpinion) -> Bool? {
        guard let data = Self.data(lines), data != [[]] else { return false }
        if data.count == 1, Self.isEndMark(data[0]) {
            isDone = true
            return false
        }
        let tree: JSONValue
        do throws(JSONSyntaxError) {
            tree = try JSONValue(
                parsing: Array(data.joined(separator: [10])), maximumDepth: 128)
        } catch {
            if error.code == .duplicateMember { throw NoOpinion() }
            return nil
        }
        guard tree.objectValue != nil else { return nil }
        let reading = TreeReading(tree, endpoint, isWhole: false)
        tokens += reading.tokens
        if reading.hasUsage { usage = reading.usage }
        if reading.hasFinish { hasFinish = true }
        if reading.isDone { isDone = true }
        if let message = reading.error { fail(.backendError(message)) }
        return reading.hasUsage && tree["choices"]?.arrayValue?.isEmpty == true
            && reading.error == nil && !endpoint.isTriton && endpoint != .responses
    }
}
