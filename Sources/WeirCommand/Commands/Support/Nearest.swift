import WeirServer

/// Finds what somebody probably meant.
enum Nearest {
    /// `did you mean "name"?` where a candidate is near, else all of them.
    static func advice(for text: String, in candidates: [String]) -> String {
        if let nearest = to(text, in: candidates) { return "did you mean \"\(nearest)\"?" }
        return candidates.isEmpty
            ? "there are none here" : "known are: " + candidates.joined(separator: ", ")
    }

    /// The candidate with the fewest insertions, deletions and replacements from `text`, at most
    /// two and less than half of it.
    static func to(_ text: String, in candidates: [String]) -> String? {
        candidates.map { ($0, EditDistance.between(text, $0)) }
            .filter { $0.1 <= 2 && $0.1 * 2 < $0.0.utf8.count }
            .min { $0.1 < $1.1 }?
            .0
    }
}
