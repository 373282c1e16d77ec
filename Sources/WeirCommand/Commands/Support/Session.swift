import StrictJSON
import WeirClient

/// Sends the calls of a command and reads the answers.
struct Session: Sendable {
    let client: APIClient

    /// Sends a call; a lost answer is a failure.
    func answer(to call: Call) async throws(CommandFailure) -> APIAnswer {
        switch await client.send(
            call.method.rawValue, call.target, json: call.encodedBody, headers: call.headers)
        {
        case .answer(let answer): return answer
        case .lost(let cause): throw FailureAdvice.failure(lost: cause, url: client.url)
        }
    }

    /// The value that a call is answered with; null where there is no body.
    ///
    /// - Throws: what the server said, unless it succeeded or decided.
    func value(of call: Call) async throws(CommandFailure) -> JSONValue {
        let answer = try await answer(to: call)
        let value = try Self.value(answer)
        guard (200..<300).contains(answer.status) || DecisionText.isRefusal(value) else {
            throw FailureAdvice.failure(of: answer)
        }
        return value
    }

    /// The value that a call is answered with, nil for a 404.
    func found(_ call: Call) async throws(CommandFailure) -> JSONValue? {
        let answer = try await answer(to: call)
        if answer.status == 404 { return nil }
        guard (200..<300).contains(answer.status) else { throw FailureAdvice.failure(of: answer) }
        return try Self.value(answer)
    }

    /// Walks through a list, page by page.
    func walk(
        _ call: Call, limit: Int?, _ page: ([JSONValue]) async throws -> Void
    ) async throws -> Bool {
        var walk = PageWalk(call, limit: limit)
        while let next = walk.next {
            try await page(try walk.take(try await value(of: next)))
        }
        return walk.hasMore
    }

    /// All rows of a list that is known to be short.
    func all(_ call: Call) async throws -> [JSONValue] {
        var rows: [JSONValue] = []
        _ = try await walk(call, limit: nil) { rows += $0 }
        return rows
    }

    private static func value(_ answer: APIAnswer) throws(CommandFailure) -> JSONValue {
        if answer.body.isEmpty { return .null }
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            // A proxy's page rather than Weir's answer.
            if (200..<300).contains(answer.status) {
                throw CommandFailure("the answer is not JSON: is this Weir's address?")
            }
            throw FailureAdvice.failure(of: answer)
        }
    }
}
