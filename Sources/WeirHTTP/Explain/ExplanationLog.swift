package import QuotaModel

/// The newest decisions with what became of them, in memory: a ring by number and by size.
///
/// All attempts of one request of the gateway are one story, which leaves as a whole; the oldest
/// story leaves first.
package struct ExplanationLog: Sendable {
    /// How many bytes decisions may take on average before the oldest leave early.
    package static let bytesPerDecision = 4_096

    /// What is kept of a decision, and of those that belong to the same request.
    package struct Story: Sendable {
        /// The decision of `/api/v1`; nil where there is a request.
        fileprivate let alone: Decision?
        /// The reservation that it made.
        package let reservation: ReservationID?
        /// The request of the gateway.
        package fileprivate(set) var request: ExplainedRequest?
        /// What it counts for.
        fileprivate var bytes = 0
    }

    /// The most decisions that are kept.
    package let maximumDecisions: Int
    /// The most bytes that they take, by ``bytes(of:)``.
    package let maximumBytes: Int
    /// How many decisions are kept.
    package var count: Int { places.count }
    /// About how many bytes they take.
    package private(set) var bytes = 0
    /// The stories that are numbered from `first` up to `next`, each in the place that is its
    /// number modulo ``maximumDecisions``: there are never more of them.
    private var ring: [Story?] = []
    private var first = 0
    private var next = 0
    /// The number of the story that each decision belongs to, by the ``digest(_:)`` of its id: a
    /// text would be hashed again, and read again from cold memory, whenever another one leaves.
    private var places: [UInt64: Int] = [:]

    /// Creates a log.
    ///
    /// - Parameter maximumDecisions: the most decisions; 0 keeps none.
    package init(maximumDecisions: Int) {
        self.maximumDecisions = maximumDecisions
        let (bytes, overflow) = maximumDecisions.multipliedReportingOverflow(
            by: Self.bytesPerDecision)
        maximumBytes = overflow ? .max : bytes
        // Growing later would hold everybody up for a moment; nothing is touched before it is used.
        ring.reserveCapacity(maximumDecisions)
        places.reserveCapacity(maximumDecisions + 1)
    }

    /// The story of a decision; nil for one that is not kept, or no more.
    package subscript(id: String) -> Story? {
        guard let number = places[Self.digest(id)],
            let story = ring[number % maximumDecisions], story.decision(id) != nil
        else { return nil }
        return story
    }

    /// Keeps a decision of `/api/v1`.
    package mutating func add(_ decision: Decision, reservation: ReservationID? = nil) {
        begin(
            Story(
                alone: decision, reservation: reservation, bytes: Self.bytes(of: decision)),
            decision.id)
    }

    /// Keeps a request of the gateway with its first decision.
    package mutating func add(_ request: consuming ExplainedRequest) {
        guard !request.attempts.isEmpty else { return }
        // Elements are looked at in their place here and below: a copy counts ten references.
        let id = request.attempts[0].decision.id
        let size =
            Self.bytes(of: request.attempts[0].decision) + Self.attemptBytes
            + request.id.utf8.count + request.model.text.utf8.count
        begin(Story(alone: nil, reservation: nil, request: request, bytes: size), id)
    }

    /// Keeps another attempt of a request.
    ///
    /// - Parameters:
    ///   - attempt: the attempt.
    ///   - id: any decision of the request; where it has left, nothing is kept.
    package mutating func add(_ attempt: ExplainedRequest.Attempt, toRequestOf id: String) {
        let name = Self.digest(attempt.decision.id)
        guard let number = places[Self.digest(id)], places[name] == nil else { return }
        let place = number % maximumDecisions
        guard ring[place]?.request != nil else { return }
        places[name] = number
        let more = Self.bytes(of: attempt.decision) + Self.attemptBytes
        ring[place]?.request?.add(attempt)
        ring[place]?.bytes += more
        bytes += more
        makeRoom(for: 0, 0)
    }

    /// Notes how the attempt under a decision ended; where its story has left, nothing is noted.
    package mutating func end(_ id: String, _ end: ExplainedRequest.End) {
        guard let number = places[Self.digest(id)] else { return }
        ring[number % maximumDecisions]?.request?.end(id, end)
    }

    private mutating func begin(_ story: consuming Story, _ id: String) {
        guard maximumDecisions > 0, story.bytes <= maximumBytes else { return }
        makeRoom(for: 1, story.bytes)
        if let known = places.updateValue(next, forKey: Self.digest(id)) {
            places[Self.digest(id)] = known
            return
        }
        bytes += story.bytes
        let place = next % maximumDecisions
        next += 1
        if place < ring.count { ring[place] = story } else { ring.append(story) }
    }

    /// Lets the oldest go until there is room for so many decisions of so many bytes.
    private mutating func makeRoom(for decisions: Int, _ size: Int) {
        while first < next,
            count > maximumDecisions - decisions || bytes > maximumBytes - size
        {
            if let story = ring[first % maximumDecisions].take() {
                bytes -= story.bytes
                if let id = story.alone?.id { places[Self.digest(id)] = nil }
                if let attempts = story.request?.attempts {
                    for index in attempts.indices {
                        places[Self.digest(attempts[index].decision.id)] = nil
                    }
                }
            }
            first += 1
        }
    }

    /// 64 bits of an id, most of which is chance: by FNV-1a, eight bytes at a time.
    ///
    /// Should two ids ever have the same, the newer one is found; nobody is shown another's.
    static func digest(_ id: String) -> UInt64 {
        ExactString(id)
            .withBytes { bytes in
                let bytes = UnsafeRawBufferPointer(bytes)
                var (digest, offset) = (0xCBF2_9CE4_8422_2325 as UInt64, 0)
                while offset + 8 <= bytes.count {
                    let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    digest = (digest ^ word) &* 0x0000_0100_0000_01B3
                    digest ^= digest >> 32
                    offset += 8
                }
                for byte in bytes[offset...] {
                    digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
                }
                return digest
            }
    }

    // MARK: Sizes

    /// What an attempt takes besides its decision: charges, names and places in the tables.
    private static let attemptBytes = 1_024
    /// What a decision takes without its lists and texts: itself, and its places in the tables.
    private static let decisionBytes = 256 + MemoryLayout<Story>.stride

    /// About what a decision takes in memory; names of limits are shared with the plan.
    package static func bytes(of decision: Decision) -> Int {
        decisionBytes + decision.limits.count * MemoryLayout<LimitStatus>.stride
            + decision.id.utf8.count + decision.tenant.text.utf8.count
            + (decision.key?.text.utf8.count ?? 0)
            + bytes(of: decision.warnings) + bytes(of: decision.violated)
    }

    private static func bytes(of texts: [String]) -> Int {
        texts.reduce(0) { $0 + $1.utf8.count + MemoryLayout<String>.stride }
    }
}

extension ExplanationLog.Story {
    /// The decision of an id.
    package func decision(_ id: String) -> Decision? {
        if let alone { return alone.id == id ? alone : nil }
        return request?.attempts.lazy.map(\.decision).first { $0.id == id }
    }
}
