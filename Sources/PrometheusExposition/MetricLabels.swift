/// The labels of a series: `["plan": "free", "outcome": "refused"]`.
///
/// Kept sorted by name and as text, so that the order in which they are given makes no
/// difference and writing them out costs nothing. Labels must be bounded: a plan, a meter, an
/// outcome; never a tenant or a key.
public struct MetricLabels: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// As they stand between the braces: `outcome="refused",plan="free"`.
    let text: String

    private let names: [String]

    /// Labels; of a name that appears twice the first value counts.
    public init(_ pairs: some Sequence<(String, String)>) {
        // Made anew for every request that a middleware counts, so without a dictionary.
        var sorted: [(name: String, value: String)] = []
        for (name, value) in pairs {
            let mended = MetricName.label(name)
            let index = sorted.firstIndex { $0.name >= mended } ?? sorted.endIndex
            if index < sorted.endIndex, sorted[index].name == mended { continue }
            sorted.insert((mended, value), at: index)
        }
        names = sorted.map(\.name)
        var text = ""
        for (name, value) in sorted {
            if !text.isEmpty { text += "," }
            text += name
            text += "=\""
            text += Self.escape(value)
            text += "\""
        }
        self.text = text
    }

    /// Labels; of a name that appears twice the first value counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }

    /// Whether two series with these labels are the same.
    public static func == (left: MetricLabels, right: MetricLabels) -> Bool {
        left.text == right.text
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }

    var isEmpty: Bool { names.isEmpty }

    /// The same names, all with one value.
    func replacingValues(with value: String) -> MetricLabels {
        MetricLabels(names.map { ($0, value) })
    }

    private static func escape(_ value: String) -> String {
        let needsEscape = value.utf8.contains { byte in
            byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
        }
        guard needsEscape else { return value }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
