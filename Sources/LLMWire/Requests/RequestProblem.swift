/// Why a request's body is refused.
package struct RequestProblem: Error, Sendable, Hashable {
    /// What is wrong, for people.
    package let message: String
    /// The member that is wrong, `stream_options.include_usage`; nil when the body as a whole is.
    package let param: String?

    /// Creates a problem.
    package init(message: String, param: String? = nil) {
        self.message = message
        self.param = param
    }
}
