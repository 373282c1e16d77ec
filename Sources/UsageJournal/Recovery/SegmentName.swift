/// The name of a segment's file: `<incarnation>-<stream>-<number>.journal`.
struct SegmentName: Hashable, Sendable {
    static let suffix = ".journal"
    /// Behind the name of a file that is not finished.
    static let unfinished = ".new"

    let incarnation: Int64
    let stream: Int
    let number: Int64

    init(incarnation: Int64, stream: Int, number: Int64) {
        self.incarnation = incarnation
        self.stream = stream
        self.number = number
    }

    /// Reads a name; nil when no segment has it.
    init?(_ name: String) {
        guard name.hasSuffix(Self.suffix) else { return nil }
        let stem = name.dropLast(Self.suffix.count)
        // An incarnation may be negative, which is a fourth, empty part before it.
        let isNegative = stem.hasPrefix("-")
        let parts = stem.drop { $0 == "-" }.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let incarnation = Int64((isNegative ? "-" : "") + parts[0]),
            let stream = Int(parts[1]), let number = Int64(parts[2])
        else { return nil }
        self.init(incarnation: incarnation, stream: stream, number: number)
        // One file, one spelling: no leading zeros or signs.
        guard text == name else { return nil }
    }

    var text: String { "\(incarnation)-\(stream)-\(number)\(Self.suffix)" }

    /// Whether a name is that of a segment whose making was cut short.
    static func isUnfinished(_ name: String) -> Bool {
        name.hasSuffix(unfinished)
            && SegmentName(String(name.dropLast(unfinished.count))) != nil
    }
}
