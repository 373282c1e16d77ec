import Yams

/// Checks the keys of `weir.yaml`, which a mistyped one must not pass in silence.
enum ConfigurationFile {
    /// Whether there are settings in it at all; an empty file is fine.
    ///
    /// - Throws: the first unknown key, with its line and the nearest known key.
    static func hasSettings(_ text: String, path: String) throws(ConfigurationError) -> Bool {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            let lines = "\(error)".split(separator: "\n").joined(separator: "; ")
            throw ConfigurationError("\(path) is not valid YAML: \(lines)")
        }
        guard let node, node.null == nil else { return false }
        guard let mapping = node.mapping else {
            throw ConfigurationError(
                "\(path) must be a mapping of settings, such as \"port: 8080\"")
        }
        let known = Setting.allCases.map(\.fileKey)
        for (key, value) in mapping {
            let name = key.string ?? ""
            let line = key.mark.map { "line \($0.line): " } ?? ""
            guard known.contains(name) else {
                let nearest = known.min {
                    EditDistance.between(name, $0) < EditDistance.between(name, $1)
                }
                throw ConfigurationError(
                    "\(path), \(line)unknown key \"\(name)\"; did you mean \"\(nearest ?? "")\"?")
            }
            guard value.scalar != nil else {
                throw ConfigurationError("\(path), \(line)\"\(name)\" must be a single value")
            }
        }
        return !mapping.isEmpty
    }
}

/// How many insertions, deletions and replacements lie between two texts.
///
/// Source: R. Wagner, M. Fischer, "The String-to-String Correction Problem", 1974.
enum EditDistance {
    static func between(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var previous = Array(0...right.count)
        for (row, byte) in left.utf8.prefix(256).enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = previous[column] + (byte == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
