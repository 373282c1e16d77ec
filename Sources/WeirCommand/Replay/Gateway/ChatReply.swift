import WeirClient

/// What an answer to a chat means for a row.
enum ChatReply: Equatable, Sendable {
    /// The backend answered, and says that it used so many tokens.
    case answered(tokens: Int64)
    /// A limit refused, or there was no backend; nothing was booked.
    case refused(limit: String, reason: String)
    /// The request is wrong.
    case rejected(String)
    /// No answer came, or none that says what it used: it may have been booked or not.
    case unknown(String)

    /// The most tokens of one answer that are believed: those of any trace add up to a legal sum.
    static let maximumTokens: Int64 = 1 << 32

    private struct Answer: Decodable {
        struct Usage: Decodable {
            var total: Int64

            enum CodingKeys: String, CodingKey { case total = "total_tokens" }
        }

        var usage: Usage
    }

    private struct Failure: Decodable {
        struct Error: Decodable {
            var message: String
            var code: String?
            var limit: String?

            enum CodingKeys: String, CodingKey {
                case message
                case code
                case limit = "limit_id"
            }
        }

        var error: Error
    }

    /// Reads the answer to a chat that is not streamed.
    init(_ reply: APIReply) {
        guard case .answer(let answer) = reply else {
            self = .unknown(reply.summary)
            return
        }
        if answer.status == 200 {
            if let whole = try? answer.decode(Answer.self),
                0...Self.maximumTokens ~= whole.usage.total
            {
                self = .answered(tokens: whole.usage.total)
            } else {
                self = .unknown("an answer without usage that can be")
            }
            return
        }
        guard let failure = try? answer.decode(Failure.self) else {
            self = .unknown(reply.summary)
            return
        }
        let error = failure.error
        if answer.status == 429 || answer.status >= 500 {
            self = .refused(
                limit: error.limit ?? "no limit", reason: error.code ?? "status \(answer.status)")
        } else {
            self = .rejected("status \(answer.status): \(error.message)")
        }
    }
}
