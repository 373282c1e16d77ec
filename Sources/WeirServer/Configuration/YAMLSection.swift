import Yams

/// A mapping of the configuration file, whose keys are all known.
struct YAMLSection {
    /// How much of a bad value an error shows, in characters.
    private static let shownCharacters = 64

    /// The file, as errors name it.
    private let file: String
    /// What leads to this mapping, as errors name it: `gateway.models.small`; empty at the top.
    let path: String
    /// The line it begins in.
    private let line: Int?
    private var nodes: [String: Node] = [:]

    /// Reads a mapping.
    ///
    /// - Parameters:
    ///   - node: what should be a mapping.
    ///   - file: the file, for errors.
    ///   - path: what leads to it, for errors.
    ///   - known: the keys it may have; nil for a mapping by names.
    /// - Throws: what is wrong with its form, or the first unknown key.
    init(
        _ node: Node,
        file: String,
        path: String,
        known: [String]?
    ) throws(ConfigurationError) {
        self.file = file
        self.path = path
        line = node.mark?.line
        guard let mapping = node.mapping else {
            let example = known?.first.map { ", such as \"\($0): …\"" } ?? ""
            throw Self.error(file, node.mark?.line, "\(path) must be a mapping\(example)")
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                throw Self.error(file, key.mark?.line, "a key must be a single value")
            }
            if let known, !known.contains(name) {
                throw Self.unknown(name, known, file, key.mark?.line)
            }
            nodes[name] = value
        }
    }

    /// The names of a mapping by names, in their order.
    var names: [String] { nodes.keys.sorted() }

    /// A value of any form.
    func node(_ key: String) -> Node? { nodes[key] }

    /// A single value as it is written, which may be empty; nil where there is none.
    func anyText(_ key: String) throws(ConfigurationError) -> String? {
        guard let node = nodes[key] else { return nil }
        guard let scalar = node.scalar else { throw error(key, "must be a single value") }
        return scalar.string
    }

    /// A single value as it is written; nil where there is none.
    func text(_ key: String) throws(ConfigurationError) -> String? {
        guard let text = try anyText(key) else { return nil }
        guard nodes[key]?.null == nil, !text.isEmpty else {
            throw error(key, "must have a value, or be left out")
        }
        return text
    }

    /// A whole number within a range; nil where there is none.
    func integer(
        _ key: String,
        in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        guard let text = try text(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw error(
                key,
                "must be an integer from \(range.lowerBound) to \(range.upperBound), "
                    + "not \(Self.quoted(text))")
        }
        return value
    }

    /// One of several names; nil where there is none.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        of type: Choice.Type
    ) throws(ConfigurationError) -> Choice? {
        guard let text = try text(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: " or ")
            throw error(key, "must be \(names), not \(Self.quoted(text))")
        }
        return choice
    }

    /// A mapping; nil where there is none.
    func section(
        _ key: String,
        known: [String]?
    ) throws(ConfigurationError) -> YAMLSection? {
        guard let node = nodes[key] else { return nil }
        return try YAMLSection(node, file: file, path: place(key), known: known)
    }

    /// A list of mappings; nil where there is none.
    func sections(
        _ key: String,
        known: [String]
    ) throws(ConfigurationError) -> [YAMLSection]? {
        guard let node = nodes[key] else { return nil }
        guard let sequence = node.sequence else {
            throw error(key, "must be a list, such as \"- {\(known.first ?? ""): …}\"")
        }
        var sections: [YAMLSection] = []
        for (index, item) in sequence.enumerated() {
            let path = "\(place(key))[\(index)]"
            sections.append(try YAMLSection(item, file: file, path: path, known: known))
        }
        return sections
    }

    /// What is wrong with the value of a key, or with its absence.
    func error(_ key: String, _ problem: String) -> ConfigurationError {
        Self.error(file, nodes[key]?.mark?.line ?? line, "\(place(key)) \(problem)")
    }

    /// A text within an error, on one line and not too long.
    static func quoted(_ text: String) -> String { "\"\(shown(text))\"" }

    private static func shown(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(shownCharacters + 1)
            .map { $0.properties.generalCategory == .control ? "?" : String($0) }
        let start = plain.prefix(shownCharacters).joined()
        return plain.count > shownCharacters ? start + "…" : start
    }

    private func place(_ key: String) -> String {
        path.isEmpty ? Self.shown(key) : "\(path).\(Self.shown(key))"
    }

    private static func unknown(
        _ name: String,
        _ known: [String],
        _ file: String,
        _ line: Int?
    ) -> ConfigurationError {
        let nearest = known.min {
            EditDistance.between(name, $0) < EditDistance.between(name, $1)
        }
        return error(
            file, line,
            "unknown key \(quoted(name)); did you mean \"\(nearest ?? "")\"?")
    }

    private static func error(
        _ file: String,
        _ line: Int?,
        _ problem: String
    ) -> ConfigurationError {
        let place = line.map { ", line \($0): " } ?? ": "
        return ConfigurationError(file + place + problem)
    }
}
