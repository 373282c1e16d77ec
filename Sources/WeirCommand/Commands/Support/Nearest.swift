/// Finds what somebody probably meant.
enum Nearest {
    /// `did you mean "name"?` where a candidate is near, else all of them.
    static func advice(for text: String, in candidates: [String]) -> String {
        if let nearest = to(text, in: candidates) { return "did you mean \"\(nearest)\"?" }
        return "known are: " + candidates.joined(separator: ", ")
    }

    /// The candidate with the fewest insertions, deletions and replacements from `text`, at most
    /// two and less than half of it.
    static func to(_ text: String, in candidates: [String]) -> String? {
        candidates.map { ($0, distance(text, $0)) }
            .filter { $0.1 <= 2 && $0.1 * 2 < $0.0.utf8.count }
            .min { $0.1 < $1.1 }?
            .0
    }

    /// How many insertions, deletions and replacements lie between two texts.
    ///
    /// Source: R. Wagner, M. Fischer, "The String-to-String Correction Problem", 1974.
    static func distance(_ left: String, _ right: String) -> Int {
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
