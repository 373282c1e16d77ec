package import HTTPTypes
import StrictJSON

/// An error as callers get it: RFC 9457, `application/problem+json`.
package struct Problem: Error, Sendable {
    /// The status of the answer.
    package var status: HTTPResponse.Status
    var title: String
    /// What is wrong, and the way out.
    package var detail: String
    var type = "about:blank"
    /// The place in the body that is wrong, as a JSON pointer.
    var pointer: String?
    /// The header that is wrong, by its name.
    var header: String?
    /// The query parameter that is wrong, by its name.
    var parameter: String?
    /// Seconds after which a retry may succeed.
    package var retryAfterSeconds: Int64?
    /// The reason, where it is the kind that a refusal has too.
    var reason: String?

    init(_ status: HTTPResponse.Status, _ detail: String, pointer: JSONPointer? = nil) {
        self.status = status
        self.detail = detail
        self.pointer = pointer?.description
        title = status.reasonPhrase
    }

    /// A value that is not what it must be.
    static func invalid(_ detail: String, at pointer: JSONPointer) -> Problem {
        Problem(.unprocessableContent, detail, pointer: pointer)
    }

    /// This problem in a larger body, where the smaller one stands at a pointer.
    func inside(_ base: JSONPointer) -> Problem {
        var problem = self
        problem.pointer = pointer.map { base.description + $0 }
        return problem
    }

    /// A query parameter that is not what it must be.
    static func invalidQuery(_ name: String, _ detail: String) -> Problem {
        var problem = Problem(
            .unprocessableContent, "query parameter \"\(name)\" \(detail)")
        problem.parameter = name
        return problem
    }

    /// A header that is not what it must be.
    static func invalidHeader(_ name: HTTPField.Name, _ detail: String) -> Problem {
        var problem = Problem(.unprocessableContent, "the \(name.rawName) header \(detail)")
        problem.header = name.rawName
        return problem
    }

    /// The answer to every bad credential, whatever is wrong with it.
    static let unauthorized = Problem(
        .unauthorized,
        "send a valid credential as \"Authorization: Bearer <API key or admin token>\"")

    /// The answer to a credential that may not do this.
    static func forbidden(_ detail: String) -> Problem { Problem(.forbidden, detail) }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", type)
            writer.member("title", title)
            writer.member("status", status.code)
            writer.member("detail", detail)
            if let pointer { writer.member("pointer", pointer) }
            if let header { writer.member("header", header) }
            if let parameter { writer.member("parameter", parameter) }
            if let reason {
                writer.object("denied_by") { writer in
                    writer.null("id")
                    writer.member("reason", reason)
                }
            }
        }
    }
}

/// The registered types of problems that quotas have.
enum ProblemType {
    static let quotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded"
    static let reducedCapacity =
        "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
}
