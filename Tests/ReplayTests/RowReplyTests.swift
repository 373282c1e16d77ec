import Testing
import WeirClient

@testable import WeirCommand

struct RowReplyTests {
    @Test func readsAReservation() {
        #expect(reserve(201, #"{"reservation_id":"r_7","allowed":true}"#) == .reserved("r_7"))
    }

    @Test func readsARefusal() {
        let body = """
            {"detail":"x","denied_by":{"id":"tenant:ai_tokens/month","requested":5,\
            "reason":"quota_exceeded"}}
            """
        #expect(
            reserve(429, body)
                == .refused(limit: "tenant:ai_tokens/month", reason: "quota_exceeded"))
    }

    @Test(arguments: [409, 500, 502, 503, 504])
    func comesAgainWhenAsked(status: Int) {
        let body = #"{"detail":"later"}"#
        #expect(reserve(status, body) == .tryAgain("status \(status): later"))
        #expect(settle(status, body) == .tryAgain("status \(status): later"))
    }

    @Test func lostAnswersAreTriedAgain() {
        #expect(RowReply(toReserve: .lost("reset")) == .tryAgain("no answer: reset"))
        #expect(RowReply(toSettle: .lost("reset")) == .tryAgain("no answer: reset"))
    }

    @Test func answersThatMakeNoSenseAreRejections() {
        #expect(reserve(201, "{}") == .rejected("status 201: {}"))
        #expect(reserve(429, "{}") == .rejected("status 429: {}"))
        #expect(reserve(401, #"{"title":"Unauthorized"}"#) == .rejected("status 401: Unauthorized"))
    }

    @Test func settlingIsNeverRefused() {
        #expect(settle(200, "{}") == .settled)
        #expect(settle(429, "{}") == .tryAgain("status 429: {}"))
        #expect(settle(404, "{}") == .rejected("status 404: {}"))
    }

    private func reserve(_ status: Int, _ body: String) -> RowReply {
        RowReply(toReserve: .answer(APIAnswer(status: status, body: Array(body.utf8))))
    }

    private func settle(_ status: Int, _ body: String) -> RowReply {
        RowReply(toSettle: .answer(APIAnswer(status: status, body: Array(body.utf8))))
    }
}
