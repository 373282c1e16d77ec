import NIOCore
import StrictJSON
import Testing

@testable import MockBackend

/// A request as a body makes it.
func request(
    _ body: String,
    _ endpoint: MockEndpoint = .chat,
    model: String? = nil,
    directive: MockDirective = MockDirective()
) throws -> MockRequest {
    try MockRequest(
        body: ByteBuffer(string: body), endpoint: endpoint, model: model, directive: directive)
}

/// A chat of five bytes, with more members.
func chat(_ members: String = "") throws -> MockRequest {
    try request(
        #"{"model":"mock","messages":[{"role":"user","content":"hello"}]\#(members)}"#)
}

/// The plan for a request, which must not be refused.
func plan(
    _ request: MockRequest,
    _ settings: MockSettings = MockSettings(),
    number: UInt64 = 0
) throws -> MockPlan {
    let decision = MockPlanner(settings).decide(request, number: number, running: 0)
    guard case .answer(let plan) = decision else { throw Unexpected("\(decision)") }
    return plan
}

/// Settings that differ from the usual ones.
func settings(_ change: (inout MockSettings) -> Void) -> MockSettings {
    var settings = MockSettings()
    change(&settings)
    return settings
}

struct Unexpected: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

/// An answer that is driven by hand.
struct Drive {
    var generation: MockGeneration
    var now: UInt64
    private var written = ByteBuffer()

    init(_ plan: MockPlan, now: UInt64 = 1_000, isChunked: Bool = false) {
        var head = MockHead()
        head.isChunked = isChunked
        generation = MockGeneration(
            plan, MockIdentity(number: 42, created: 1_700_000_000), head, now: now)
        self.now = now
    }

    /// Goes on once.
    mutating func step(isWritable: Bool = true) -> MockGeneration.Next {
        var bytes = ByteBuffer()
        let next = generation.advance(now: now, isWritable: isWritable) { piece in
            bytes.writeImmutableBuffer(piece)
        }
        written.writeBuffer(&bytes)
        return next
    }

    /// Goes on as long as it can without time passing.
    mutating func run() -> MockGeneration.Next {
        var next = MockGeneration.Next.again
        for _ in 0..<100_000 where next == .again { next = step() }
        return next
    }

    /// Everything that was written.
    var text: String { String(buffer: written) }

    /// What was written after the head.
    var body: String {
        guard let range = text.firstRange(of: "\r\n\r\n") else { return "" }
        return String(text[range.upperBound...])
    }

    /// The body as a document.
    var document: JSONValue {
        get throws { try JSONValue(parsing: Array(body.utf8)) }
    }

    /// The events of a stream that is not chunked.
    var events: [String] { MockBackendTests.events(of: body) }
}

/// What stands after `data: ` in each event.
func events(of body: String) -> [String] {
    body.split(separator: "\n\n")
        .compactMap { event in
            event.split(separator: "\n").first { $0.hasPrefix("data: ") }
                .map { String($0.dropFirst("data: ".count)) }
        }
}

/// The documents among the events; all but `[DONE]` must be one.
func documents(of events: [String]) throws -> [JSONValue] {
    try events.filter { $0 != "[DONE]" }.map { try JSONValue(parsing: Array($0.utf8)) }
}
