/// An error on its way out of the parser, before its place has been worked out.
struct JSONFailure: Error {
    let code: JSONSyntaxError.Code
    let message: String
    let offset: Int
    /// The way from the failure to the root, innermost name first; nil unless the error has one.
    ///
    /// Collected while the error leaves, so that documents without errors pay nothing for it.
    private(set) var reversedPath: [String]?

    init(
        _ message: String,
        at offset: Int,
        code: JSONSyntaxError.Code = .malformed,
        name: String? = nil
    ) {
        self.code = code
        self.message = message
        self.offset = offset
        reversedPath = name.map { [$0] }
    }

    /// The same failure, seen from the array or object around it.
    func inside(_ token: @autoclosure () -> String) -> JSONFailure {
        var copy = self
        copy.reversedPath?.append(token())
        return copy
    }
}
