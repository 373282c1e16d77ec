import StrictJSON

/// An answer that is an error.
package struct MockRefusal: Error, Sendable, Equatable {
    /// The status of HTTP.
    package let status: Int
    /// What is wrong, for people.
    package let message: String
    /// The kind, as the OpenAI API names it.
    package let type: String
    /// The member of the request that is wrong.
    package var parameter: String?
    /// The error, for programs.
    package var code: String?
    /// After how many seconds another attempt may succeed.
    package var retryAfterSeconds: Int?
    /// Whether the connection ends with it.
    package var closes = false

    /// A request that can't be answered as it is.
    static func invalid(_ message: String, _ parameter: String?) -> MockRefusal {
        MockRefusal(
            status: 400, message: message, type: "invalid_request_error", parameter: parameter)
    }

    static let notFound = MockRefusal(
        status: 404, message: "there is nothing at this path", type: "invalid_request_error",
        code: "not_found")
    static let wrongMethod = MockRefusal(
        status: 405, message: "this path has another method", type: "invalid_request_error",
        code: "method_not_allowed")
    static let unauthorized = MockRefusal(
        status: 401, message: "the API key is missing or wrong", type: "invalid_request_error",
        code: "invalid_api_key")
    static let tooLarge = MockRefusal(
        status: 413, message: "the body is larger than \(MockLimits.bodyBytes) bytes",
        type: "invalid_request_error", code: "request_too_large", closes: true)
    static let malformed = MockRefusal(
        status: 400, message: "this is not HTTP/1.1", type: "invalid_request_error", closes: true)
    static let overloaded = MockRefusal(
        status: 503, message: "the server works on as many requests as it can",
        type: "server_error", code: "overloaded", retryAfterSeconds: 1)

    static func unknownModel(_ model: String) -> MockRefusal {
        MockRefusal(
            status: 404, message: "the model `\(model.prefix(256))` does not exist",
            type: "invalid_request_error", parameter: "model", code: "model_not_found")
    }

    /// A failure that a setting or the request asked for.
    static func injected(status: Int) -> MockRefusal {
        let isBusy = status == 429 || status == 503
        return MockRefusal(
            status: status, message: "the mock backend was told to fail",
            type: status == 429
                ? "requests" : status >= 500 ? "server_error" : "invalid_request_error",
            code: status == 429 ? "rate_limit_exceeded" : "mock_failure",
            retryAfterSeconds: isBusy ? 1 : nil)
    }

    /// The body: as the OpenAI API has it, or as Triton has it.
    package func body(isTriton: Bool) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            if isTriton { return writer.member("error", message) }
            writer.name("error")
            write(to: &writer)
        }
        return writer.bytes
    }

    /// Writes the object with `message`, `type`, `param` and `code`.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("message", message)
            writer.member("type", type)
            writer.member("param", parameter)
            writer.member("code", code)
        }
    }
}
