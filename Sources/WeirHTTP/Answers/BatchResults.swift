import PrometheusExposition
import QuotaNode
import StrictJSON

/// Puts the results of a batch together, in the order of its items.
///
/// Those that are known are written at once; where others come later, a gap is left for them.
struct BatchResults {
    /// What a result with two limits takes.
    private static let usualResultBytes = 800

    private let body: BatchBody
    /// The answer so far.
    private var known: JSONWriter
    /// Where the results begin in it.
    private let start: Int
    /// The place of the next result in the body.
    private var place = 0
    /// The next of the body's items.
    private var item = 0
    private var gaps: [Gap] = []
    private var instants = WrittenInstant()
    /// How often each counter is to be raised: few plans have many items.
    private var counts: [(counter: CounterMetric, count: Int64)] = []

    /// Results that are not known yet.
    private struct Gap {
        /// The place in the body.
        let place: Int
        /// What is known before it, in bytes.
        let offset: Int
    }

    /// Begins with the first result.
    init(_ body: BatchBody) {
        self.body = body
        known = Self.begin(capacity: Self.usualResultBytes * body.count)
        start = known.bytes.count
    }

    private static func begin(capacity: Int) -> JSONWriter {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        writer.name("results")
        writer.beginArray()
        return writer
    }

    private static func end(_ writer: inout JSONWriter) -> [UInt8] {
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// Writes the result of an item; those that come before it and are not known leave gaps.
    ///
    /// - Parameters:
    ///   - index: the item, by its place among the body's ``BatchBody/items``.
    ///   - decision: the result.
    ///   - routes: who write it.
    @inline(__always)
    mutating func add(
        _ index: Int,
        _ decision: borrowing ImmediateDecision,
        _ routes: APIRoutes
    ) {
        if item != index || !body.problems.isEmpty { skip(to: index) }
        if let counter = routes.write(decision, body.operation, &instants, to: &known) {
            count(counter)
        }
        item += 1
        place += 1
    }

    /// Goes to an item.
    private mutating func skip(to index: Int) {
        addProblems()
        while item < index {
            gaps.append(Gap(place: place, offset: known.bytes.count))
            item += 1
            place += 1
            addProblems()
        }
    }

    /// Writes what is wrong with items that can't be decided, where they stand next.
    private mutating func addProblems() {
        while let problem = body.problems[place] {
            problem.write(to: &known)
            place += 1
        }
    }

    @inline(__always)
    private mutating func count(_ counter: CounterMetric) {
        if let last = counts.indices.last, counts[last].counter === counter {
            counts[last].count += 1
        } else if let index = counts.firstIndex(where: { $0.counter === counter }) {
            counts[index].count += 1
            counts.swapAt(index, counts.count - 1)
        } else {
            counts.append((counter, 1))
        }
    }

    /// Ends the results and raises the counters.
    ///
    /// - Parameter write: writes the next result that was not known; called in the order of the
    ///   items, with their places in the body.
    /// - Returns: the answer's body.
    mutating func end(_ write: (Int, inout JSONWriter) -> Void) -> [UInt8] {
        skip(to: body.items.count)
        for (counter, count) in counts { counter.increment(by: count) }
        if gaps.isEmpty { return Self.end(&known) }
        var all = Self.begin(
            capacity: known.bytes.count + Self.usualResultBytes * gaps.count)
        var start = start
        for gap in gaps {
            all.elements(known.bytes[start..<gap.offset])
            write(gap.place, &all)
            start = gap.offset
        }
        all.elements(known.bytes[start...])
        return Self.end(&all)
    }
}

extension JSONWriter {
    /// Writes elements that were cut out of another array.
    fileprivate mutating func elements(_ json: ArraySlice<UInt8>) {
        let elements = json.first == UInt8(ascii: ",") ? json.dropFirst() : json
        if !elements.isEmpty { raw(elements) }
    }
}
