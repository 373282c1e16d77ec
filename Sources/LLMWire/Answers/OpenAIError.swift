package import NIOCore

/// Error bodies that OpenAI's clients understand.
package enum OpenAIError {
    /// Writes an error body, all four of its fields and then the extra ones.
    ///
    ///     {"error":{"message":"…","type":"tokens","param":null,"code":"rate_limit_exceeded"}}
    ///
    /// - Parameters:
    ///   - message: What is wrong and the way out, for people.
    ///   - type: The kind of error.
    ///   - param: The member of the request that is wrong.
    ///   - code: The error's name, for programs.
    ///   - extra: Further members in their order; the names should be none of the four.
    ///   - buffer: Where it is written.
    package static func write(
        message: String,
        type: String,
        param: String? = nil,
        code: String?,
        extra: [(String, JSONExtra)] = [],
        into buffer: inout ByteBuffer
    ) {
        let fields: [(String, JSONExtra)] = [
            ("message", .string(message)), ("type", .string(type)),
            ("param", param.map { .string($0) } ?? .null),
            ("code", code.map { .string($0) } ?? .null),
        ]
        JSONExtra.object([("error", .object(fields + extra))]).write(to: &buffer)
    }

    /// An error body in a buffer of its own; see
    /// ``write(message:type:param:code:extra:into:)``.
    package static func body(
        message: String,
        type: String,
        param: String? = nil,
        code: String?,
        extra: [(String, JSONExtra)] = []
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(
            message: message, type: type, param: param, code: code, extra: extra, into: &buffer)
        return buffer
    }
}
