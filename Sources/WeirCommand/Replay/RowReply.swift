import WeirClient

/// What an answer means for a row.
enum RowReply: Equatable, Sendable {
    /// The reservation's id.
    case reserved(String)
    case refused(limit: String, reason: String)
    case settled
    /// The request is wrong, and will be each time.
    case rejected(String)
    /// The same request with the same key is worth another try.
    case tryAgain(String)
}

extension RowReply {
    /// Reads the answer to a reservation.
    init(toReserve reply: APIReply) {
        guard case .answer(let answer) = reply else {
            self = .tryAgain(reply.summary)
            return
        }
        if answer.status == 201, let body = try? answer.decode(ReservationAnswer.self) {
            self = .reserved(body.reservationID)
        } else if answer.status == 429, let body = try? answer.decode(RefusalAnswer.self) {
            self = .refused(limit: body.deniedBy.id, reason: body.deniedBy.reason)
        } else {
            self.init(unexpected: answer)
        }
    }

    /// Reads the answer to a settlement.
    init(toSettle reply: APIReply) {
        guard case .answer(let answer) = reply else {
            self = .tryAgain(reply.summary)
            return
        }
        switch answer.status {
        case 200..<300: self = .settled
        // What was used is owed, however busy the server is.
        case 429: self = .tryAgain(reply.summary)
        default: self.init(unexpected: answer)
        }
    }

    private init(unexpected answer: APIAnswer) {
        let summary = APIReply.answer(answer).summary
        self = answer.asksToRetry ? .tryAgain(summary) : .rejected(summary)
    }
}

extension APIReply {
    /// One line for a person.
    var summary: String {
        switch self {
        case .answer(let answer): "status \(answer.status): \(answer.detail)"
        case .lost(let reason): "no answer: \(reason)"
        }
    }
}
