/// What keeps a file from being read any further.
struct ImportFailure: Error, Equatable, CustomStringConvertible {
    /// The line at which it was noticed, from 1.
    let line: Int
    let what: String

    init(line: Int, _ what: String) {
        self.line = line
        self.what = what
    }

    /// `line 17: a quote …`.
    var description: String { "line \(line): \(what)" }
}
