/// How many insertions, deletions and replacements lie between two texts.
///
/// Source: R. Wagner, M. Fischer, "The String-to-String Correction Problem", 1974.
package enum EditDistance {
    /// The number; of a long text only the first 256 bytes count.
    package static func between(_ left: String, _ right: String) -> Int {
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
