import StrictJSON
import Testing

/// Expects an error in the form that every error has.
func expectProblem(
    _ reply: Reply,
    _ status: Int,
    pointer: String? = nil,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(reply.status == status, comment, sourceLocation: sourceLocation)
    #expect(
        reply.header("Content-Type") == "application/problem+json", comment,
        sourceLocation: sourceLocation)
    #expect(
        reply["status"]?.integerValue == Int64(status), comment, sourceLocation: sourceLocation)
    for name in ["type", "title", "detail"] {
        #expect(!reply.string(name).isEmpty, comment, sourceLocation: sourceLocation)
    }
    if let pointer {
        #expect(reply.string("pointer") == pointer, comment, sourceLocation: sourceLocation)
    }
    // What is nested is named by its whole path in words too.
    let place = reply["pointer"]?.stringValue?.split(separator: "/") ?? []
    if status == 422, place.count > 1 {
        let path = place.map { Int($0) == nil ? ".\($0)" : "[\($0)]" }.joined().dropFirst()
        #expect(reply.string("detail").contains(path), comment, sourceLocation: sourceLocation)
    }
    // One of these at most says what is wrong.
    let blamed = ["pointer", "header", "parameter"].filter { reply[$0] != nil }
    #expect(blamed.count <= 1, comment, sourceLocation: sourceLocation)
}

/// Expects a refusal by a limit.
func expectRefusal(
    _ reply: Reply,
    by limit: String,
    reason: String = "quota_exceeded",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectProblem(reply, 429, sourceLocation: sourceLocation)
    #expect(reply["allowed"] == false, sourceLocation: sourceLocation)
    #expect(
        reply["denied_by", "id"]?.stringValue == limit, "\(reply.text)",
        sourceLocation: sourceLocation)
    #expect(
        reply["denied_by", "reason"]?.stringValue == reason, sourceLocation: sourceLocation)
}
