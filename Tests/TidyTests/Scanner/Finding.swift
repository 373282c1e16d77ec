/// A place in the repository that breaks a rule.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    /// From 1; 0 when it is about the whole file.
    var line = 0
    /// What stands there.
    let what: String

    var description: String {
        line == 0 ? "\(path): \(what)" : "\(path):\(line): \(what)"
    }
}
